"""Where a gate's rows come from: an SQLite file, or a database server.

A source never writes, never holds a transaction or an unfinished cursor, and looks whether the file is another one: in
each of these cases SQLite's `PRAGMA data_version` stands still, and a revoked key would be let in. The pragma is asked
only where there is no WAL index to look at, which says the same thirty times as fast.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy import Engine, text

from tokentui.gate.store import wal_index
from tokentui.gate.store.moved import Moved, Unwatched
from tokentui.gate.store.wal_index import HEADERS

Row = Sequence[Any]

_COLUMNS = """
{epoch}, s.token_id, s.id, s.digest, s.stops_at, t.name, t.external_id,
t.extension_slug, t.networks, t.expires_at, t.disabled_at, t.deleted_at,
CASE WHEN t.all_modules THEN '*'
     ELSE (SELECT {join}(m.module_slug, ' ') FROM token_modules m WHERE m.token_id = t.id) END
"""
# Every secret of a token; of the next one where nobody has this number, and of the first one after the last: whoever
# is refused then waited for the same work, and can't tell by the time whether an ID exists.
_WHOLE = """
SELECT {columns} FROM secrets s JOIN tokens t ON t.id = s.token_id
WHERE s.token_id = (SELECT min(token_id) FROM secrets WHERE token_id >=
                    (SELECT CASE WHEN max(token_id) >= {id} THEN {id} ELSE 0 END FROM secrets))
"""
# The secret that works longest, mostly the only one, of the same token: two searches less, one of them in `tokens`.
_LIKELY = """
SELECT {columns} FROM tokens t CROSS JOIN secrets s
WHERE s.token_id = t.id AND t.id > {id} - 1 ORDER BY t.id, s.stops_at DESC LIMIT 1
"""
EPOCH = "SELECT value FROM epoch WHERE id = 1"
KEY_CHECK = "SELECT value FROM meta WHERE name = 'key_check'"
PATHS = "SELECT p.prefix, p.module_slug, m.name FROM module_paths p JOIN modules m ON m.slug = p.module_slug"


class IndexGone(OSError):
    """The file is the same, but what SQLite knows of it in this process is not what others write to any more."""


class Source(Protocol):
    """Where rows come from. `generation` grows where the database itself is another one."""

    generation: int
    likely: str
    whole: str
    tells_epoch: bool
    """Whether the rows of these say of which epoch they are, since to ask before would be a way of its own."""

    def changed(self) -> bool:
        """Whether anything was committed, or the file replaced, since the last call."""

    def rows(self, statement: str, *parameters: int) -> Sequence[Row]:
        """All rows of a statement, in a transaction of its own."""

    def close(self) -> None:
        """Gives the connection back."""


class SqliteSource:
    """A raw connection: the ORM would cost more than all the rest of a decision."""

    tells_epoch = False
    _columns = _COLUMNS.format(epoch="NULL", join="group_concat")
    likely = _LIKELY.format(columns=_columns, id="?1")
    whole = _WHOLE.format(columns=_columns, id="?1")
    _version: int | None
    _headers: bytes | None

    def __init__(self, path: Path, busy_timeout: timedelta, moved: Moved | Unwatched) -> None:
        """`moved` watches the path, which is absolute."""
        self._path = os.fspath(path)
        self._timeout = busy_timeout.total_seconds()
        self.generation = 0
        # The mark comes first: where the file is replaced in between, the next look finds it.
        self._watch(moved)
        self._open()

    def changed(self) -> bool:
        """Whether a commit of any other connection, or another file, came since the last call."""
        if self._waiting(0) or self._moved.mark is not self._mark:
            self._follow()
        if self._index is not None:
            # Taken before anything is read: a commit in between is seen the next time.
            headers = self._index[:HEADERS]
            if headers == self._headers:
                return False
            self._headers = headers
            return True
        version = self.rows("PRAGMA data_version")[0][0]
        if version == self._version:
            return False
        self._version = version
        return True

    def _follow(self) -> None:
        """Opens the file anew where another one has its name now."""
        try:
            self._mark = self._moved.look()
        except OSError:
            self._watch(Unwatched())
        if _identity(self._path) != self._identity:
            self._connection.close()
            self._open()
            self.generation += 1
        elif os.path.realpath(self._path) != self._file or _identity(self._index_file, missing=True) != self._shm:
            raise IndexGone("the database, or its WAL index, is elsewhere by now")

    def rows(self, statement: str, *parameters: int) -> Sequence[Row]:
        """All rows. That ends the statement: an unfinished one would hold its snapshot."""
        return self._cursor.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _watch(self, moved: Moved | Unwatched) -> None:
        self._moved = moved
        self._mark = moved.mark
        self._waiting = moved.asked()

    def _open(self) -> None:
        # Where the file is replaced in between, the next look opens it once more.
        self._identity = _identity(self._path)
        # By the name that SQLite would make of it, since the WAL and its index have their names by that.
        self._file = os.path.realpath(self._path)
        self._index_file = f"{self._file}-shm"
        self._connection = sqlite3.connect(
            f"file:{quote(os.fsencode(self._file))}?mode=ro",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        self._cursor = self._connection.cursor()
        self._version = None
        self._headers = None
        # The first read opens the WAL index, which is then there to be mapped, and stays.
        self.rows(EPOCH)
        wal = self.rows("PRAGMA journal_mode")[0][0] == "wal"
        self._index = wal_index.mapped(self._index_file) if wal else None
        self._shm = _identity(self._index_file, missing=True)
        if _identity(self._file) != self._identity:
            self._identity = None
            self._mark = None  # so that the next look is a real one


def _identity(path: str, *, missing: bool = False) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if missing:
            return None
        raise
    return found.st_dev, found.st_ino


class NetworkSource:
    """A database server, asked for its epoch at each request."""

    # One statement for both: on the way to a server there is nothing to gain by a shorter one.
    tells_epoch = True
    likely = whole = _WHOLE.format(columns=_COLUMNS.format(epoch=f"({EPOCH})", join="string_agg"), id=":id")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.generation = 0

    def changed(self) -> bool:
        """Always: the epoch itself is compared then."""
        return True

    def rows(self, statement: str, *parameters: int) -> Sequence[Row]:
        """All rows, in a transaction of its own."""
        with self._engine.connect() as connection:
            return connection.execute(text(statement), {"id": parameters[0]} if parameters else {}).all()

    def close(self) -> None:
        """Nothing: connections go back to the pool."""
