"""Which schema a database has, and bringing it to this version's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tokentui import migrations
from tokentui.database.driver_errors import database_error
from tokentui.database.sqlite import connect
from tokentui.errors import DatabaseError, SchemaTooNew

if TYPE_CHECKING:
    from sqlalchemy import Connection


def revision(connection: Connection) -> str:
    """The revision that the database says it has; empty where it says none."""
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


_NEEDS_ROLLBACK = (sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY)


def schema_of_file(path: Path, busy_timeout: timedelta, *, read_only: bool = False) -> str:
    """The file's revision, empty for a new one.

    Read without changing a byte of it, unless a program was killed in the middle of a transaction there: then that is
    rolled back, and with `read_only` a DatabaseError is raised.
    """
    try:
        if not path.exists():
            return ""
        if path.is_dir():
            raise DatabaseError(f"{path} is a directory", "name a file in it")
        if not path.is_file():  # a device or a pipe may be read for ever
            raise DatabaseError(f"{path} is not a file", "name a file")
        if path.stat().st_size == 0:
            return ""
        try:
            tables, written = _read_schema(path, busy_timeout, read_only=True)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _NEEDS_ROLLBACK:
                raise
            if read_only:
                hint = "open it once without --read-only"
                raise DatabaseError(f"{path} was left in the middle of a change", hint) from None
            tables, written = _read_schema(path, busy_timeout, read_only=False)
    except sqlite3.Error as error:
        raise database_error(error, str(path), path) from None
    except OSError as error:
        raise DatabaseError(f"{path} can't be opened", error.strerror or str(error)) from None
    if "alembic_version" in tables:
        return checked_revision(written, str(path))
    if tables:
        raise DatabaseError(f"{path} is not a database of tokentui", "name another file with --db")
    return ""


def _read_schema(path: Path, busy_timeout: timedelta, *, read_only: bool) -> tuple[set[str], str]:
    """The names of the tables, and the revision where it is written down."""
    with closing(connect(path, read_only=read_only, timeout=busy_timeout)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in tables:
            return tables, ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return tables, row[0] if row else ""


def checked_revision(revision: str, where: str) -> str:
    """The revision itself; raises SchemaTooNew for one that this program does not know. `where` names the database."""
    if revision and revision not in migrations.REVISIONS:
        raise SchemaTooNew(f"{where} was made by a newer tokentui (schema {revision})", "upgrade this program")
    return revision
