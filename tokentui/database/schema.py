"""Which schema a database has, and bringing it to this version's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from tokentui import migrations
from tokentui.database.driver_errors import database_error
from tokentui.database.sqlite import file_uri
from tokentui.errors import DatabaseError, SchemaTooNew


def revision(connection: Connection) -> str:
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def schema_of_file(path: Path) -> str:
    """The file's revision, empty for a new one; read without changing a byte of it."""
    try:
        if not path.exists() or path.stat().st_size == 0:
            return ""
        if path.is_dir():
            raise DatabaseError(f"{path} is a directory", "name a file in it")
        with closing(sqlite3.connect(file_uri(path, "ro"), uri=True, timeout=5)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" in tables:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                return known(row[0] if row else "", str(path))
    except sqlite3.Error as error:
        raise database_error(error, str(path)) from None
    except OSError as error:
        raise DatabaseError(f"{path} can't be opened", error.strerror or str(error)) from None
    if tables:
        raise DatabaseError(f"{path} is not a database of tokentui", "name another file with --db")
    return ""


def known(revision: str, where: str) -> str:
    if revision and revision not in migrations.KNOWN:
        raise SchemaTooNew(f"{where} was made by a newer tokentui (schema {revision})", "upgrade this program")
    return revision
