"""The database: where it is, how it is opened, and who may write when.

A read is a deferred transaction. A write begins with `BEGIN IMMEDIATE`: one that reads first and asks for the lock
later is refused as locked however long the busy timeout is. Leaving `write()` without a commit rolls back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokentui import migrations
from tokentui.database import fork, locks
from tokentui.database.driver_errors import translated
from tokentui.database.locks import Lock
from tokentui.database.schema import revision, schema_of_file
from tokentui.database.sqlite import make_file
from tokentui.database.url import parse_path, parse_url, shown_url
from tokentui.errors import DatabaseError, ReadOnly
from tokentui.migrations import new_file

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.orm import Session

BUSY_TIMEOUT = timedelta(seconds=5)
"""How long a write waits for the locks of others, where the settings say nothing else."""

_UPGRADE_TIMEOUT = timedelta(minutes=2)
"""How long a start waits for another that makes the tables."""

# Kept, so that the garbage collector does not close them in the child.
_LEFT_BY_FORK: list[object] = []


class _Engines(NamedTuple):
    url: URL
    engine: Engine
    reader: Engine
    writer: Engine


class Database:
    """A database. Safe to share between threads, and to use on both sides of a fork.

    One with `opening` is opened when it is first read or written, in the thread that does so: `opening` gives the URL
    and the engine, `opened` is called with the database then, in the same thread, before anybody else uses it. Where
    either raises, so does the reading or writing, and the next one tries again.
    """

    def __init__(
        self,
        engine: Engine | None = None,
        *,
        url: URL | None = None,
        path: Path | None,
        read_only: bool,
        opening: Callable[[], tuple[URL, Engine]] | None = None,
        opened: Callable[[Database], object] = lambda database: None,
        busy_timeout: timedelta = BUSY_TIMEOUT,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self._busy_timeout = busy_timeout
        self._waiting_for_lock = 0
        self._opening, self._opened = opening, opened
        self._lock = threading.RLock()
        self._engines: _Engines | None = None
        self._is_open = False
        if url is not None and engine is not None:
            self._engines, self._is_open = _engines(url, engine, path), True
        fork.register(self, fork.Floor.DATABASE)

    @property
    def is_open(self) -> bool:
        """False until the first read or write has opened it."""
        return self._is_open

    def open(self) -> None:
        """Opens it where it is not open yet; raises DatabaseError and its children."""
        self._use()

    @property
    def engine(self) -> Engine:
        """What it is read and written by, opened where it is not open yet."""
        return self._use().engine

    @property
    def url(self) -> URL:
        """Where it is, opened where it is not open yet."""
        return self._use().url

    def _use(self) -> _Engines:
        if self._engines is not None and self._is_open:
            return self._engines
        with self._lock:
            if self._engines is None:  # else it is this thread's, which is still at `opened`
                assert self._opening is not None
                self._engines = _engines(*self._opening(), self.path)
                try:
                    self._opened(self)
                except BaseException:
                    self._engines.engine.dispose()
                    self._engines = None
                    raise
                self._is_open = True
            return self._engines

    @property
    def name(self) -> str:
        """What to call it on screen: the file's name, or the URL without its password."""
        return self.path.name if self.path else shown_url(self.url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database."""
        from sqlalchemy.orm import Session

        reader = self._use().reader
        with translated(self.name, self.path), Session(reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that holds the write lock from its first statement on; the caller commits.

        On a server it holds nothing yet: whoever decides by a row locks it, and by the catalogue `locks.CATALOG`.
        """
        if self.read_only:
            raise ReadOnly("nothing can be changed", "the program was started read-only")
        from sqlalchemy.orm import Session

        writer = self._use().writer
        with translated(self.name, self.path), Session(writer, expire_on_commit=False) as session:
            self._waiting_for_lock += 1
            try:
                connection = session.connection()  # takes the lock now, before anything is read to decide by
                locks.wait_at_most(connection, self._busy_timeout)
            finally:
                self._waiting_for_lock -= 1
            yield session

    @property
    def is_waiting_for_lock(self) -> bool:
        """Whether a thread waits for another process, or for one of its own, to end a write."""
        return self._waiting_for_lock > 0

    def before_fork(self) -> None:
        """Closes every pooled connection: a child must not inherit one."""
        self.close()

    def after_fork_in_parent(self) -> None:
        """Nothing: connections are opened as they are needed."""

    def after_fork_in_child(self) -> None:
        """Leaves the parent's connections alone, unused and not closed, and opens its own."""
        if self._engines is not None:
            _LEFT_BY_FORK.append(self._engines.engine.pool)
            self._engines.engine.dispose(close=False)

    def close(self) -> None:
        """Closes every pooled connection."""
        if self._engines is not None:
            self._engines.engine.dispose()


def _engines(url: URL, engine: Engine, path: Path | None) -> _Engines:
    from tokentui.database.sqlite_engine import WRITE

    reader = engine
    if path is None:
        from tokentui.database.postgres import READ_ONE_MOMENT

        reader = engine.execution_options(**READ_ONE_MOMENT)
    return _Engines(url, engine, reader, engine.execution_options(**{WRITE: True}))


def open_database(
    name: str, *, read_only: bool = False, busy_timeout: timedelta = BUSY_TIMEOUT, upgrade: bool = True
) -> Database:
    """Opens a database, making or upgrading its schema first (unless read-only, or told not to).

    Raises SchemaTooNew, and leaves the file untouched, where a later version of the program made it.
    """
    url, path = parse_url(name)
    if path is not None:
        database = _file(path, read_only, busy_timeout, upgrade, lambda database: None)
        database.open()
        return database
    from tokentui.database.postgres import postgres_engine, schema_of_server

    engine = postgres_engine(url)
    state = schema_of_server(engine)
    database = Database(engine, url=url, path=None, read_only=read_only, busy_timeout=busy_timeout)
    _bring_up(database, state, upgrade)
    return database


def open_file_late(
    name: str, *, read_only: bool, busy_timeout: timedelta, opened: Callable[[Database], object]
) -> Database:
    """The database in the file of this path, opened as by `open_database` when it is first used.

    `opened` is called with it then, before anybody else uses it.
    """
    return _file(parse_path(name), read_only, busy_timeout, True, opened)


def _file(
    path: Path, read_only: bool, busy_timeout: timedelta, upgrade: bool, opened: Callable[[Database], object]
) -> Database:
    path = path.absolute()  # the program may go to another directory
    state = ""

    def opening() -> tuple[URL, Engine]:
        nonlocal state
        from tokentui.database.sqlite_engine import sqlite_engine

        url, _ = parse_url(str(path))
        state = schema_of_file(path, busy_timeout, read_only=read_only)
        if state == "" and not path.exists():
            if not upgrade:
                raise DatabaseError(f"there is no database at {path}", "make a token first, or name another with --db")
            make_file(path, read_only)
        return url, sqlite_engine(path, read_only, busy_timeout)

    def bring_up(database: Database) -> None:
        _bring_up(database, state, upgrade)
        opened(database)

    return Database(path=path, read_only=read_only, opening=opening, opened=bring_up, busy_timeout=busy_timeout)


def _bring_up(database: Database, state: str, upgrade: bool) -> None:
    if state != migrations.HEAD:
        if database.read_only:
            raise DatabaseError(f"{database.name} has no schema of this version", "open it once without --read-only")
        if upgrade:
            upgrade_schema(database)


def upgrade_schema(database: Database) -> str:
    """Brings the schema to this version in one transaction; returns the version that it had (empty: none)."""
    with database.write() as session:
        connection = session.connection()
        locks.wait_at_most(connection, _UPGRADE_TIMEOUT)
        locks.hold(connection, Lock.SCHEMA)
        # Asked again under the lock: another process may have been faster.
        before = revision(connection)
        if before != migrations.HEAD:
            from tokentui.database.postgres import refuse_without_rights

            refuse_without_rights(connection, database.name)
            if connection.dialect.name == "sqlite" and _is_empty(connection):
                new_file.create(connection)
            else:
                migrations.upgrade(connection)
            session.commit()
    return before


def _is_empty(connection: Connection) -> bool:
    return not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()


def rebuild_derived(database: Database) -> None:
    """Makes what is derived from the tokens anew (SQLite), in one transaction."""
    from tokentui.models import derived  # SQLAlchemy is not imported for the first frame

    with database.write() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            derived.create(connection)
            derived.fill(connection)
            session.commit()
