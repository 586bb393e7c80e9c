"""Opening an SQLite file: how each connection to it is made. Without SQLAlchemy."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tokentui.database.read_only_mount import is_immutable
from tokentui.database.wal_files import make_wal_files, wal_files
from tokentui.errors import DatabaseError

_RETRY_S = 0.01
_WAL_HEADER_BYTES = 32  # https://sqlite.org/fileformat2.html#walformat


class FileConnection(sqlite3.Connection):
    """Knows which file it was opened on."""

    inode: tuple[int, int] | None = None
    immutable = False

    def exec_driver_sql(self, statement: str, parameters: Any = None, /) -> sqlite3.Cursor:
        """As a connection of SQLAlchemy has it: a list of rows has the statement run for each."""
        return self.execute(statement) if parameters is None else self.executemany(statement, parameters)


def connect(path: Path, *, read_only: bool, timeout: timedelta) -> FileConnection:
    """A raw connection to a file that is there, without a transaction; raises sqlite3.Error and DatabaseError.

    Waits for others as long as `timeout`, also with what SQLite itself does not wait for: the switch to WAL.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    # A WAL with commits in it would be passed over.
    immutable = is_immutable(path) and not _holds_commits(wal_files(path)[0])
    if not immutable:
        make_wal_files(path)
    inode = inode_of(path)
    connection = sqlite3.connect(
        file_uri(path, "ro" if read_only or immutable else "rw") + ("&immutable=1" if immutable else ""),
        uri=True,  # "rw", not "rwc": a file that somebody removed must be an error, not a fresh empty database
        timeout=timeout.total_seconds(),
        isolation_level=None,  # transactions are begun by hand, not guessed by the driver
        check_same_thread=False,
        factory=FileConnection,
    )
    connection.inode, connection.immutable = inode, immutable
    try:
        connection.execute("PRAGMA foreign_keys=ON")
        # A token that was handed out must still be there after a power cut.
        connection.execute("PRAGMA synchronous=FULL")
        if not read_only and not immutable:
            _switch_to_wal(connection, deadline)
    except BaseException:
        connection.close()
        raise
    return connection


def make_file(path: Path, read_only: bool) -> None:
    """Makes an empty file for its owner alone; raises DatabaseError."""
    if read_only:
        raise DatabaseError(f"there is no database at {path}", "start once without --read-only to make it")
    try:
        # 0600 from the first byte; SQLite gives the WAL and its index the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except FileNotFoundError:
        raise DatabaseError(f"there is no directory {path.parent}", "make it, or name another with --db") from None
    except OSError as error:
        raise DatabaseError(f"{path} can't be made", error.strerror or str(error)) from None


def file_uri(path: Path, mode: str) -> str:
    """SQLite's URI of a file, whose name need not be UTF-8; `mode` is `ro` or `rw`."""
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"


def inode_of(path: Path) -> tuple[int, int] | None:
    """Device and inode; None where the file can't be looked at: SQLite then says what is wrong with it."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _switch_to_wal(connection: sqlite3.Connection, deadline: float) -> None:
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(_RETRY_S)


def _holds_commits(wal: Path) -> bool:
    try:
        return wal.stat().st_size > _WAL_HEADER_BYTES
    except OSError:
        return False
