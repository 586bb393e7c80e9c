"""Opening an SQLite file: its connections, and who begins a transaction."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, exc

from tokentui.errors import DatabaseError

WRITE = "tokentui_write"
"""The execution option of a connection whose transactions take the write lock when they begin."""


def sqlite_engine(path: Path, read_only: bool, busy_timeout: timedelta) -> Engine:
    seconds = busy_timeout.total_seconds()

    def connect() -> sqlite3.Connection:
        inode = _inode(path)
        # "rw", not "rwc": a file that somebody removed must be an error, not a fresh empty database.
        connection = sqlite3.connect(
            file_uri(path, "ro" if read_only else "rw"),
            uri=True,
            timeout=seconds,
            isolation_level=None,  # transactions are begun by `begin` below, not guessed by the driver
            check_same_thread=False,
            factory=_Connection,
        )
        connection.inode = inode
        connection.execute("PRAGMA foreign_keys=ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
        # A token that was handed out must still be there after a power cut.
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=_pool())
    _begin_by_hand(engine)
    _leave_a_file_that_moved(engine, path)
    return engine


class _Connection(sqlite3.Connection):
    """Knows which file it was opened on."""

    inode: tuple[int, int] | None


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None  # SQLite says what is wrong with it
    return stat.st_dev, stat.st_ino


def _leave_a_file_that_moved(engine: Engine, path: Path) -> None:
    """A pooled connection keeps a removed or replaced file open: what is written there, nobody ever finds again."""

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: object, proxy: object) -> None:
        if connection.inode != _inode(path):
            raise exc.DisconnectionError  # the pool opens the file that has the name now


def _pool() -> type[Any]:
    from sqlalchemy.pool import QueuePool  # "sqlite://" alone would mean a database in memory and its pool

    return QueuePool


def _begin_by_hand(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def make_file(path: Path, read_only: bool) -> None:
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
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"  # a name need not be UTF-8
