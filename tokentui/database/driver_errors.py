"""What a database's driver raises, as one line that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from tokentui.errors import DatabaseError, DatabaseLocked


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turns what the driver raises into one line that says what to do."""
    try:
        yield
    except exc.DBAPIError as error:
        raise database_error(error.orig or error, name) from error
    except exc.SQLAlchemyError as error:
        raise DatabaseError(f"{name} can't be used", "run `tokentui doctor`") from error
    except sqlite3.Error as error:
        raise database_error(error, name) from error


def database_error(error: BaseException, where: str) -> DatabaseError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return DatabaseLocked(f"{where} is locked by another process", "try again in a moment")
    for said, message, hint in (
        ("readonly", "can't be written", "check the owner and mode of the file and its directory"),
        ("disk is full", "can't grow: the disk is full", "free some space and try again"),
        ("not a database", "is not an SQLite database", "name another file with --db"),
        ("malformed", "is damaged", "restore a backup, or run `tokentui db check`"),
        ("disk I/O error", "can't be read or written: disk error", "check the disk, then run `tokentui db check`"),
        ("unable to open", "can't be opened", "check that it is there, and its owner and mode"),
        ("no such table", "lacks a table", "run `tokentui db upgrade`, or restore a backup"),
    ):
        if said in text:
            return DatabaseError(f"{where} {message}", hint)
    return DatabaseError(f"{where} can't be used", "run `tokentui doctor`")
