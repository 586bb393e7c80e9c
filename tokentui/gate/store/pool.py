"""The connections of one gate: whoever borrows one is alone with it, and a fork finds none."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import exc

from tokentui.context import Context
from tokentui.database import fork
from tokentui.errors import DatabaseError
from tokentui.gate.store.cache import Reader
from tokentui.gate.store.postgres import PostgresConnection
from tokentui.gate.store.queries import Connection
from tokentui.gate.store.sqlite import IndexReplaced, SqliteConnection
from tokentui.gate.store.verify_keys import VerifyKeys

_TIMEOUT_S = 10.0
"""How long a fork waits for those who are in the middle of a decision."""

# A connection must not be used, nor closed, in a forked child: it stays here, untouched.
_LEFT_BY_FORK: list[object] = []


class Pool:
    """Lends readers: `with pool.borrow() as reader`. Safe to share between threads, and on both sides of a fork.

    Readers are taken out of `idle` and put back, which needs no lock; `opened` has all, also those that are lent.
    """

    def __init__(self, context: Context, verify_keys: VerifyKeys) -> None:
        """`verify_keys` as for `Reader`."""
        self._context = context
        self._verify_keys = verify_keys
        self._inherited = False
        self._renew()
        fork.register(self, fork.Floor.GATE)

    def _renew(self) -> None:
        self.idle: list[PooledReader] = []
        self.opened: set[PooledReader] = set()
        self._opening = threading.Lock()

    def borrow(self) -> PooledReader:
        """An idle reader, or a new one, which goes back at the end of a `with`.

        An error of the database inside of it becomes a DatabaseError, and the reader is closed. Raises DatabaseError
        itself in a process that was forked in the middle of a decision.
        """
        try:
            return self.idle.pop()
        except IndexError:
            return self._new()

    def close(self) -> None:
        """Closes the readers that nobody has borrowed."""
        with suppress(IndexError):
            while True:
                self.drop(self.idle.pop())

    def drop(self, reader: PooledReader) -> None:
        """Closes a reader that was borrowed, instead of taking it back."""
        try:
            reader.close()
        finally:  # not sooner: a fork waits until nobody is inside of SQLite, whose locks the child could not release
            self.opened.discard(reader)

    def drop_all(self) -> None:
        """Closes what is open, also the database: SQLite shares what it knows of a file within a process."""
        self.close()
        self._context.database.close()

    def before_fork(self) -> None:
        """Closes every reader, and lets none be opened until the fork is over."""
        self._opening.acquire()
        idle, self.idle = self.idle, _ClosesReturned(self)
        ends = time.monotonic() + _TIMEOUT_S
        while True:
            while idle:
                self.drop(idle.pop())
            if not self.opened or time.monotonic() > ends:
                break
            time.sleep(0.0005)

    def after_fork_in_parent(self) -> None:
        """Readers may be opened again."""
        self.idle = []
        self._opening.release()

    def after_fork_in_child(self) -> None:
        """Begins without a reader; lets nobody in where another thread of the parent had not given one back."""
        if self.opened:  # nobody can be sure any more of what SQLite says here
            self._inherited = True
            _LEFT_BY_FORK.append(self.opened)
        self._renew()

    def _new(self) -> PooledReader:
        if self._inherited:
            raise DatabaseError("this process was forked in the middle of a decision", "start it anew")
        settings = self._context.settings
        with self._opening:
            reader = PooledReader(
                self._connection(), self._verify_keys, base_path=settings.base_path, unmatched=settings.unmatched
            )
            reader.pool = self
            self.opened.add(reader)
            return reader

    def _connection(self) -> Connection:
        database = self._context.database
        if database.path is None:
            return PostgresConnection(database.engine)
        return SqliteConnection(database.path, self._context.settings.busy_timeout)


class PooledReader(Reader):
    """A reader that goes back to its pool at the end of a `with`."""

    pool: Pool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.pool.idle.append(self)
            return
        # Also after a signal: where it came between two steps, what is kept may not be what was read.
        self.pool.drop(self)
        if isinstance(error, IndexReplaced):
            self.pool.drop_all()
        if isinstance(error, (sqlite3.Error, exc.SQLAlchemyError, OSError, UnicodeError)):
            raise DatabaseError("the tokens can't be read", "run `tokentui doctor`") from error


class _ClosesReturned(list[PooledReader]):
    """In the place of the idle ones while the process forks: whoever comes back from a decision is closed."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    def append(self, reader: PooledReader, /) -> None:
        self._pool.drop(reader)
