"""SQLAlchemy's engine on an SQLite file: who begins a transaction, and which connections are left."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc

from tokentui.database.read_only_mount import is_immutable
from tokentui.database.sqlite import FileConnection, connect, inode_of
from tokentui.models.damaged import decode_text

WRITE = "tokentui_write"
"""The execution option of a connection whose transactions take the write lock when they begin."""

# After these the connection knows less than a new one would: what was wrong with the file may be mended by then.
_REOPEN_AFTER = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}


def sqlite_engine(path: Path, read_only: bool, busy_timeout: timedelta) -> Engine:
    """An engine on a file that is there; `path` is absolute."""

    def connect_engine() -> FileConnection:
        connection = connect(path, read_only=read_only, timeout=busy_timeout)
        connection.text_factory = decode_text
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect_engine,
        poolclass=_pool(),
    )
    _begin_by_hand(engine)
    _leave_a_file_that_moved(engine, path)
    _reopen_after_errors(engine)
    return engine


def _leave_a_file_that_moved(engine: Engine, path: Path) -> None:
    """A pooled connection keeps a removed or replaced file open: what is written there, nobody ever finds again."""

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: object, proxy: object) -> None:
        # What is mounted anew, to be written, has its old inode.
        if connection.inode != inode_of(path) or (connection.immutable and not is_immutable(path)):
            raise exc.DisconnectionError  # the pool opens the file that has the name now


def _reopen_after_errors(engine: Engine) -> None:
    @event.listens_for(engine, "handle_error")
    def handle(context: Any) -> None:
        code = getattr(context.original_exception, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _REOPEN_AFTER:
            context.is_disconnect = True


def _pool() -> type[Any]:
    from sqlalchemy.pool import QueuePool  # "sqlite://" alone would mean a database in memory and its pool

    return QueuePool


def _begin_by_hand(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
