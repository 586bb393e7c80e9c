"""The connections of one gate: who has one is alone with it, and a fork finds none."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import suppress

from sqlalchemy import exc

from tokentui.context import Context
from tokentui.database import fork
from tokentui.errors import DatabaseError
from tokentui.gate.store.cache import Reader
from tokentui.gate.store.moved import Moved, Unwatched, watch
from tokentui.gate.store.sources import IndexGone, NetworkSource, Source, SqliteSource

_TIMEOUT_S = 10.0
"""Seconds that a fork waits for those who are in the middle of a decision."""

# A connection must not be used, nor closed, in a forked child: it stays here, untouched.
_LEFT_BY_FORK: list[object] = []


class Readers:
    """Readers are taken out of `idle` and put back, which needs no lock; `opened` has all, also those in use."""

    def __init__(self, context: Context, key_check: bytes) -> None:
        """`key_check`: as for `Reader`."""
        self._context = context
        self._key_check = key_check
        self._inherited = False
        self._renew()
        fork.register(self, fork.Floor.GATE)

    def _renew(self) -> None:
        self.idle: list[Reader] = []
        self.opened: set[Reader] = set()
        self._opening = threading.Lock()
        self.moved: Moved | Unwatched | None = None

    def take(self) -> Reader:
        """An idle one, or a new one; raises what a source raises, and DatabaseError after a fork that went wrong."""
        try:
            return self.idle.pop()
        except IndexError:
            return self.open()

    def open(self) -> Reader:
        """A new one; raises as `take`."""
        if self._inherited:
            raise DatabaseError("this process was forked in the middle of a decision", "start it anew")
        with self._opening:
            reader = Reader(self._source(), self._key_check)
            self.opened.add(reader)
            return reader

    def drop(self, reader: Reader) -> None:
        """Closes one that was taken."""
        try:
            reader.close()
        finally:  # not sooner: a fork waits until nobody is inside of SQLite, whose locks the child could not release
            self.opened.discard(reader)

    def close(self) -> None:
        """Closes the idle ones."""
        with suppress(IndexError):
            while True:
                self.drop(self.idle.pop())
        self.moved = None

    def failed(self, error: BaseException, reader: Reader | None) -> None:
        """After an error with this reader: raises what is the database's fault as a DatabaseError, else returns.

        The reader is closed, also after a signal: where it came between two steps, its cache may not be what it says.
        """
        if reader is not None:
            self.drop(reader)
        if isinstance(error, IndexGone):
            # SQLite shares what it knows of a file's index within a process: all have to let it go.
            self.close()
            self._context.database.close()
        if isinstance(error, (sqlite3.Error, exc.SQLAlchemyError, OSError, UnicodeError)):
            raise DatabaseError("the tokens can't be read", "run `tokentui doctor`") from error

    def _source(self) -> Source:
        database = self._context.database
        if database.path is None:
            return NetworkSource(database.engine)
        moved = self.moved
        if moved is None:
            moved = self.moved = watch(os.fspath(database.path))
        return SqliteSource(database.path, self._context.settings.busy_timeout, moved)

    def before_fork(self) -> None:
        """Closes every one, and lets none be opened until the fork is over."""
        self._opening.acquire()
        idle, leaving = self.idle, _Leaving(self)
        self.idle = leaving
        self.moved = None
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


class _Leaving(list[Reader]):
    """In the place of the idle ones while the process forks: whoever comes back from a decision is closed."""

    def __init__(self, readers: Readers) -> None:
        super().__init__()
        self._readers = readers

    def append(self, reader: Reader, /) -> None:
        self._readers.drop(reader)
