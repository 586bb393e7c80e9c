"""What a database's driver raises, as one line that says what to do. Told by codes: their words change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokentui.database.connection_errors import UNREACHABLE, connection_error
from tokentui.database.read_only_mount import is_read_only_mount
from tokentui.database.wal_files import mending_command, owners, unwritable_wal_files, wal_files
from tokentui.errors import DatabaseError, DatabaseLocked, TransactionAborted

_FULL = ("can't grow: the disk is full", "free some space and try again")
_DAMAGED = ("is damaged", "run `tokentui db check`, or restore a backup with `tokentui db restore`")
_NO_TABLE = ("lacks a table", "run `tokentui db upgrade`, or restore a backup")
_REFUSED = ("can't be used by this user", "check the user, the password and what was granted")

_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_NOTADB: ("is not an SQLite database", "name another file with --db"),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_PERM: ("can't be opened", "check its owner and mode"),
    sqlite3.SQLITE_NOMEM: ("can't be read: there is no memory left", "free some memory and try again"),
}
"""Primary result codes (https://sqlite.org/rescode.html) that need no look at the file."""

_FREE_ENOUGH = 256 * 1024
"""Bytes: with less, a write that failed without saying why failed for want of space."""

# https://www.postgresql.org/docs/current/errcodes-appendix.html: a whole state, or its class of two letters.
_POSTGRESQL = {
    "08": UNREACHABLE,
    "22021": ("can't hold this text", "it must be a database with ENCODING 'UTF8'"),
    "22P05": ("can't hold this text", "it must be a database with ENCODING 'UTF8'"),
    "25006": ("can't be written: the server is read-only", "name the primary server"),
    "28": _REFUSED,
    "3D000": ("is not there", "make it with `createdb`"),
    "42501": ("does not allow this to the role", "grant it what docs/postgresql.md says"),
    "42P01": _NO_TABLE,
    "53100": _FULL,
    "53300": ("has no connection left", "raise max_connections, or end other programs"),
    "57P": ("is being shut down or started", "try again in a moment"),
    "58": ("can't be read or written: disk error", "check the server's disk"),
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}
_POSTGRESQL_LOCKED = ("55P03", "57014")
_POSTGRESQL_ABORTED = ("40001", "40P01")
"""A serialisation failure and a deadlock."""


@contextmanager
def translated(name: str, path: Path | None = None) -> Iterator[None]:
    """Turns what the driver raises into DatabaseError; `path` is the file where it is SQLite."""
    from sqlalchemy import exc

    try:
        yield
    except exc.DBAPIError as error:
        raise database_error(error.orig or error, name, path) from error
    except exc.SQLAlchemyError as error:
        raise DatabaseError(f"{name} can't be used", "run `tokentui doctor`") from error
    except sqlite3.Error as error:
        raise database_error(error, name, path) from error
    except Exception as error:
        if not hasattr(error, "sqlstate"):  # psycopg's own, of which nothing is imported where SQLite is used
            raise
        raise database_error(error, name, path) from error


def database_error(error: BaseException, name: str, path: Path | None = None) -> DatabaseError:
    """What to raise for an error of the driver; `name` is what to call the database."""
    if isinstance(error, sqlite3.Error):
        # Errors of the module itself, such as a value that can't be bound, have no code.
        return _sqlite_error(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR), error, name, path)
    state = getattr(error, "sqlstate", None) or ""
    if state in _POSTGRESQL_ABORTED:
        return TransactionAborted(f"{name} is changed by others at the same moment", "try again")
    if state in _POSTGRESQL_LOCKED:
        return DatabaseLocked(f"{name} is locked by another process", "try again in a moment")
    if not state and (reason := connection_error(error)):
        return DatabaseError(f"{name} {reason[0]}", reason[1])
    for length in (5, 3, 2):
        if state[:length] in _POSTGRESQL:
            message, hint = _POSTGRESQL[state[:length]]
            return DatabaseError(f"{name} {message}", hint)
    return DatabaseError(f"{name} can't be used{f' (SQLSTATE {state})' if state else ''}", "run `tokentui doctor`")


def _sqlite_error(code: int, error: sqlite3.Error, name: str, path: Path | None) -> DatabaseError:
    primary = code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseLocked(f"{name} is locked by another process", "try again in a moment")
    if primary in _SQLITE:
        message, hint = _SQLITE[primary]
    elif primary == sqlite3.SQLITE_IOERR:
        message, hint = _io_error(path)
    elif primary == sqlite3.SQLITE_READONLY:
        message, hint = _not_written(path)
    elif primary == sqlite3.SQLITE_CANTOPEN:
        message, hint = _not_opened(path)
    elif primary == sqlite3.SQLITE_ERROR and "no such table" in str(error):
        message, hint = _NO_TABLE  # SQLite has no code for it: every fault of a statement is SQLITE_ERROR
    else:
        message, hint = "can't be used", "run `tokentui doctor`"
    return DatabaseError(f"{name} {message}", hint)


def _io_error(path: Path | None) -> tuple[str, str]:
    if path is not None and _disk_is_full(path.parent):
        return _FULL  # SQLite says so only where the write itself told it, not where it made room for the WAL's index
    return "can't be read or written: disk error", "check the disk, then run `tokentui db check`"


def _disk_is_full(directory: Path) -> bool:
    try:
        disk = os.statvfs(directory)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _FREE_ENOUGH or (disk.f_files > 0 and disk.f_favail == 0)


def _not_written(path: Path | None) -> tuple[str, str]:
    message = "can't be written"
    if path is not None:
        if is_read_only_mount(path):
            return f"{message}: its file system is mounted read-only", "mount it to be written, or only read"
        files = unwritable_wal_files(path)
        if files and os.access(path, os.W_OK):
            names = " and ".join(file.name for file in files)
            return f"{message}: {names} belong to {owners(files)}", f"run `{mending_command(path, files)}`"
        # Also what opening it to be read comes to, where the index can't be made.
        if reason := _wal_files_not_made(path):
            return f"can't be opened: {reason[0]}", reason[1]
    return message, "check the owner and mode of the file and its directory"


def _not_opened(path: Path | None) -> tuple[str, str]:
    message = "can't be opened"
    if path is not None and path.exists() and os.access(path, os.R_OK):
        if reason := _wal_files_not_made(path):
            return f"{message}: {reason[0]}", reason[1]
        unreadable = [file for file in wal_files(path) if file.exists() and not os.access(file, os.R_OK)]
        if unreadable:
            names = " and ".join(file.name for file in unreadable)
            return f"{message}: {names} can't be read", f"run `{mending_command(path, unreadable)}`"
        if _disk_is_full(path.parent):
            return _FULL
    return message, "check that it is there, and its owner and mode"


def _wal_files_not_made(path: Path) -> tuple[str, str] | None:
    """Why SQLite can't make the two files beside the database, and what to do; None where it can, or need not."""
    missing = [file for file in wal_files(path) if not file.exists()]
    if not missing:
        return None
    names, directory = " and ".join(file.name for file in missing), missing[0].parent
    if is_read_only_mount(path):
        hint = "copy the database, with its -wal, to where it can be written, and name that with --db"
        return f"SQLite can't make {names} on a read-only mount", hint
    if not os.access(directory, os.W_OK):
        hint = "let this user write the directory, or read it while another program has it open"
        return f"SQLite can't make {names}, since {directory} can't be written", hint
    return None
