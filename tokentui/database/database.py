"""The database: where it is, how it is opened, and who may write when.

A read is a deferred transaction. A write begins with `BEGIN IMMEDIATE`: one that reads first and asks for the lock
later is refused as locked however long the busy timeout is. Leaving `write()` without a commit rolls back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from tokentui import migrations
from tokentui.database import fork, locks
from tokentui.database.driver_errors import translated
from tokentui.database.locks import Lock
from tokentui.database.postgres import READ_ONE_MOMENT, postgres_engine, refuse_without_rights, schema_of_server
from tokentui.database.schema import revision, schema_of_file
from tokentui.database.sqlite import WRITE, make_file, sqlite_engine
from tokentui.database.url import parse_url, shown_url
from tokentui.errors import DatabaseError, ReadOnly

BUSY_TIMEOUT = timedelta(seconds=5)
"""How long a write waits for the locks of others, where the settings say nothing else."""

_UPGRADE_TIMEOUT = timedelta(minutes=2)
"""How long a start waits for another that makes the tables."""

# Kept, so that the garbage collector does not close them in the child.
_LEFT_BY_FORK: list[object] = []


class Database:
    """An open database. Safe to share between threads, and to use on both sides of a fork."""

    def __init__(
        self, engine: Engine, *, url: URL, path: Path | None, read_only: bool, busy_timeout: timedelta = BUSY_TIMEOUT
    ) -> None:
        self.engine = engine
        self.url = url
        self.path = path
        self.read_only = read_only
        self._busy_timeout = busy_timeout
        self._waiting_for_lock = 0
        self._reader = engine if path else engine.execution_options(**READ_ONE_MOMENT)
        self._writer = engine.execution_options(**{WRITE: True})
        fork.register(self, fork.Floor.DATABASE)

    @property
    def name(self) -> str:
        """What to call it on screen: the file's name, or the URL without its password."""
        return self.path.name if self.path else shown_url(self.url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database."""
        with translated(self.name, self.path), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that holds the write lock from its first statement on; the caller commits.

        On a server it holds nothing yet: whoever decides by a row locks it, and by the catalogue `locks.CATALOG`.
        """
        if self.read_only:
            raise ReadOnly("nothing can be changed", "the program was started read-only")
        with translated(self.name, self.path), Session(self._writer, expire_on_commit=False) as session:
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
        _LEFT_BY_FORK.append(self.engine.pool)
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Closes every pooled connection."""
        self.engine.dispose()


def open_database(
    name: str, *, read_only: bool = False, busy_timeout: timedelta = BUSY_TIMEOUT, upgrade: bool = True
) -> Database:
    """Opens a database, making or upgrading its schema first (unless read-only, or told not to).

    Raises SchemaTooNew, and leaves the file untouched, where a later version of the program made it.
    """
    url, path = parse_url(name)
    if path is None:
        engine = postgres_engine(url)
        state = schema_of_server(engine)
    else:
        path = path.absolute()  # the program may go to another directory
        state = schema_of_file(path, busy_timeout)
        if state == "" and not path.exists():
            if not upgrade:
                raise DatabaseError(f"there is no database at {path}", "make a token first, or name another with --db")
            make_file(path, read_only)
        engine = sqlite_engine(path, read_only, busy_timeout)
    database = Database(engine, url=url, path=path, read_only=read_only, busy_timeout=busy_timeout)
    if state != migrations.HEAD:
        if read_only:
            raise DatabaseError(f"{database.name} has no schema of this version", "open it once without --read-only")
        if upgrade:
            upgrade_schema(database)
    return database


def upgrade_schema(database: Database) -> str:
    """Brings the schema to this version in one transaction; returns the version that it had (empty: none)."""
    with database.write() as session:
        connection = session.connection()
        locks.wait_at_most(connection, _UPGRADE_TIMEOUT)
        locks.hold(connection, Lock.SCHEMA)
        # Asked again under the lock: another process may have been faster.
        before = revision(connection)
        if before != migrations.HEAD:
            refuse_without_rights(connection, database.name)
            migrations.upgrade(connection)
            session.commit()
    return before
