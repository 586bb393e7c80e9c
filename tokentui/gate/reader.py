"""Reads what a decision needs, and keeps it for as long as nothing has changed. One thread at a time each.

A reader never writes, never holds a transaction or an unfinished cursor, and looks whether the file is another one: in
each of these cases SQLite's `PRAGMA data_version` stands still, and a revoked key would be let in. The pragma is asked
only where there is no WAL index to look at, which says the same thirty times as fast.
"""

from __future__ import annotations

import ipaddress
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy import Engine, text

from tokentui.gate import walindex
from tokentui.gate.decision import Decision, Reason, TokenInfo
from tokentui.gate.moments import MICRO
from tokentui.gate.moved import Moved
from tokentui.gate.walindex import HEADERS
from tokentui.keys import ID_SPACE

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# A token as one secret of it reaches it: the answer where nothing stands against it, the answer of one that is deleted
# or disabled, when the secret stops and the token expires (microseconds since 1970, compared at each request), and from
# where it may be used. A bare tuple: one is made at each key that is not kept.
Entry = tuple[Decision, Decision | None, int, int, tuple[Network, ...]]
# What was decided about a key and a path, and the moment (nanoseconds since 1970) from which it is to be decided anew.
Answer = tuple[Decision, int]

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
_EPOCH = "SELECT value FROM epoch WHERE id = 1"
_NO_EPOCH = "NULL"
_PATHS = "SELECT p.prefix, p.module_slug, m.name FROM module_paths p JOIN modules m ON m.slug = p.module_slug"
_ALL = ("*",)
_CACHED = 10_000
_CACHED_PATHS = 4_096
LONGEST_KEPT = 256
"""Characters of a path that are remembered: whoever has a key could ask for any number of long ones."""


@dataclass(slots=True)
class Rules:
    """Which module a path belongs to: by prefix its slug, by slug its name; and answers already found."""

    prefixes: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    needed: dict[str, tuple[str, ...] | None] = field(default_factory=dict)


class Source(Protocol):
    """Where rows come from. `generation` grows where the database itself is another one."""

    generation: int
    likely: str
    whole: str
    tells_epoch: bool
    """Whether the rows of these say of which epoch they are, since to ask before would be a way of its own."""

    def changed(self) -> bool:
        """Whether anything was committed, or the file replaced, since the last call."""

    def rows(self, statement: str, *parameters: int) -> Sequence[Sequence[Any]]:
        """All rows of a statement, in a transaction of its own."""

    def close(self) -> None:
        """Gives the connection back."""


class Reader:
    """A connection with what was read through it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._mark: tuple[int, int] | None = None
        self._rules: Rules | None = None
        self._beyond = ID_SPACE
        self.entries: dict[bytes, Entry] = {}
        self.answers: dict[tuple[bytes, str | None], Answer] = {}

    def refresh(self) -> bool:
        """Forgets what it knows if a change was committed before this call; whether it knows it all the same."""
        return not self._source.changed() or self._at(self._source.rows(_EPOCH)[0][0])

    def likely(self, number: int) -> Sequence[Sequence[Any]]:
        """A row with a secret as of now: of the token with this number, or of another; others of it may have more."""
        source = self._source
        # A commit after this look is in the rows, or is seen by the next look, which forgets them.
        if not source.tells_epoch:
            self.refresh()
        # After the last token the first one is read, so that this takes as long; who is refused by it is asked for
        # once more by `token`, so it does no harm where there are more tokens by now.
        rows = source.rows(source.likely, number if number < self._beyond else 0)
        if not rows:
            self._beyond = number
        elif source.tells_epoch:
            self._at(rows[0][0])
        return rows

    def token(self, number: int) -> Sequence[Sequence[Any]]:
        """A row for each secret, as of now: of the token with this number, or of another where there is none."""
        rows = self._source.rows(self._source.whole, number)
        if rows and self._source.tells_epoch:
            self._at(rows[0][0])
        return rows

    def keep(self, digest: bytes, entry: Entry) -> None:
        """Remembers an entry; the oldest go where there are too many."""
        if len(self.entries) >= _CACHED:
            # Many at once: to find the first of a dict whose first ones were removed, Python passes all their places.
            for old in list(islice(self.entries, _CACHED // 4)):
                del self.entries[old]
        self.entries[digest] = entry

    def answer(self, digest: bytes, path: str | None, entry: Entry, decision: Decision) -> None:
        """Remembers what an entry came to, unless it depends on the address too, or is one of many that take memory."""
        _, _, stops_at, expires_at, networks = entry
        if not networks and len(path or "") <= LONGEST_KEPT:
            if len(self.answers) >= _CACHED:
                self.answers.clear()
            self.answers[digest, path] = (decision, min(stops_at, expires_at) * MICRO)

    def rules(self) -> Rules:
        """The catalogue's paths, read at their first use after a change."""
        if self._rules is None:
            self._rules = Rules()
            for prefix, slug, name in self._source.rows(_PATHS):
                self._rules.prefixes[prefix] = slug
                self._rules.names[slug] = name
        if len(self._rules.needed) > _CACHED_PATHS:
            self._rules.needed.clear()
        return self._rules

    def close(self) -> None:
        """Closes the connection."""
        self._source.close()

    def _at(self, epoch: int) -> bool:
        mark = (self._source.generation, epoch)
        if mark == self._mark:
            return True
        self.entries.clear()
        self.answers.clear()
        self._rules = None
        self._beyond = ID_SPACE
        self._mark = mark
        return False


class SqliteSource:
    """A raw connection: the ORM would cost more than all the rest of a decision."""

    tells_epoch = False
    _columns = _COLUMNS.format(epoch=_NO_EPOCH, join="group_concat")
    likely = _LIKELY.format(columns=_columns, id="?1")
    whole = _WHOLE.format(columns=_columns, id="?1")
    _version: int | None
    _headers: bytes | None
    _moved: Moved | None = None
    _waiting: Callable[[int], object]

    def __init__(self, path: Path, busy_timeout: timedelta) -> None:
        self._path = os.fspath(path.absolute())
        self._timeout = busy_timeout.total_seconds()
        self.generation = 0
        # The watch comes first: where the file is replaced in between, the next look finds it.
        try:
            self._moved = Moved(self._path)
            self._waiting = self._moved.waiting
        except OSError:
            self._stop_watching()
        try:
            self._open()
        except BaseException:
            self._stop_watching()
            raise

    def changed(self) -> bool:
        """Whether a commit of any other connection, or another file, came since the last call."""
        if self._waiting(0):
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
        if self._moved is not None:
            try:
                self._moved.look()
            except OSError:
                self._stop_watching()
        found = os.stat(self._path)
        if found.st_ino != self._inode or found.st_dev != self._device:
            self._connection.close()
            self._open()
            self.generation += 1

    def rows(self, statement: str, *parameters: int) -> Sequence[Sequence[Any]]:
        """All rows. That ends the statement: an unfinished one would hold its snapshot."""
        return self._cursor.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Closes the connection."""
        self._stop_watching()
        self._connection.close()

    def _stop_watching(self) -> None:
        """From here on the inode is asked for at each look."""
        if self._moved is not None:
            self._moved.close()
        self._moved = None
        self._waiting = _always

    def _open(self) -> None:
        # The inode is read first: where the file is replaced in between, the next look opens it once more.
        found = os.stat(self._path)
        self._inode, self._device = found.st_ino, found.st_dev
        self._connection = sqlite3.connect(
            f"file:{quote(self._path)}?mode=ro",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        self._cursor = self._connection.cursor()
        self._version = None
        self._headers = None
        # The first read opens the WAL index, which is then there to be mapped, and stays.
        self.rows(_EPOCH)
        wal = self.rows("PRAGMA journal_mode")[0][0] == "wal"
        self._index = walindex.mapped(self._path) if wal else None


def _always(timeout: int) -> bool:
    return True


class NetworkSource:
    """A database server, asked for its epoch at each request."""

    # One statement for both: on the way to a server there is nothing to gain by a shorter one.
    tells_epoch = True
    likely = whole = _WHOLE.format(columns=_COLUMNS.format(epoch=f"({_EPOCH})", join="string_agg"), id=":id")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.generation = 0

    def changed(self) -> bool:
        """Always: the epoch itself is compared then."""
        return True

    def rows(self, statement: str, *parameters: int) -> Sequence[Sequence[Any]]:
        """All rows, in a transaction of its own."""
        with self._engine.connect() as connection:
            return connection.execute(text(statement), {"id": parameters[0]} if parameters else {}).all()

    def close(self) -> None:
        """Nothing: connections go back to the pool."""


def entry_of(row: Sequence[Any], token_id: str) -> Entry:
    """A row of `Reader.token` as an entry; `token_id` is its number as it is written."""
    (
        _,
        number,
        secret,
        _,
        stops_at,
        name,
        external_id,
        extension,
        networks,
        expires_at,
        disabled_at,
        deleted_at,
        slugs,
    ) = row
    modules = _ALL if slugs == "*" else tuple(sorted((slugs or "").split()))
    info = TokenInfo(token_id, name, external_id, extension, modules, number, secret)
    refused = None
    if deleted_at is not None:
        refused = Decision(Reason.DELETED, info)
    elif disabled_at is not None:
        refused = Decision(Reason.DISABLED, info)
    within = tuple(ipaddress.ip_network(each) for each in networks.split()) if networks else ()
    return Decision(Reason.VALID, info), refused, stops_at, expires_at, within
