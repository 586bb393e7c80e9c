"""Reads what a decision needs, and keeps it for as long as nothing has changed. One thread at a time each."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from tokentui.addresses import Network
from tokentui.clock import NANOS_A_MICRO
from tokentui.crypto.key_format import ID_SPACE
from tokentui.errors import MasterKeyError
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.store.sources import EPOCH, KEY_CHECK, PATHS, Row, Source
from tokentui.records import TokenInfo

# A token as one secret of it reaches it: the answer where nothing stands against it, the answer of one that is deleted
# or disabled, when the secret stops and the token expires (microseconds since 1970, compared at each request), and from
# where it may be used. A bare tuple: one is made at each key that is not kept.
Entry = tuple[Decision, Decision | None, int, int, tuple[Network, ...]]
# What was decided about a key and a path, and the moment (nanoseconds since 1970) from which it is to be decided anew.
Answer = tuple[Decision, int]

_ALL = ("*",)
_made = tuple.__new__
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


class Reader:
    """A connection with what was read through it."""

    def __init__(self, source: Source, key_check: bytes) -> None:
        """`key_check`: what the database must say of the master key, now and after each change."""
        self._source = source
        self._key_check = key_check
        self._mark: tuple[int, int] | None = None
        self._rules: Rules | None = None
        self._beyond = ID_SPACE
        self.entries: dict[bytes, Entry] = {}
        self.answers: dict[tuple[bytes, str | None], Answer] = {}

    def refresh(self) -> bool:
        """Forgets what it knows if a change was committed before this call; whether it knows it all the same."""
        return not self._source.changed() or self._at(self._source.rows(EPOCH)[0][0])

    def likely(self, number: int) -> Row | None:
        """A row with a secret as of now: of the token with this number, or of another; the token may have more."""
        source = self._source
        # A commit after this look is in the rows, or is seen by the next look, which forgets them.
        if not source.tells_epoch:
            self.refresh()
        # After the last token the first one is read, so that this takes as long; who is refused by it is asked for
        # once more by `token`, so it does no harm where there are more tokens by now.
        rows = source.rows(source.likely, number if number < self._beyond else 0)
        if not rows:
            self._beyond = number
            return None
        if source.tells_epoch:
            self._at(rows[0][0])
        return rows[0]

    def token(self, number: int) -> Sequence[Row]:
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
            self.answers[digest, path] = (decision, min(stops_at, expires_at) * NANOS_A_MICRO)

    def rules(self) -> Rules:
        """The catalogue's paths, read at their first use after a change."""
        if self._rules is None:
            self._rules = Rules()
            for prefix, slug, name in self._source.rows(PATHS):
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
        known = self._source.rows(KEY_CHECK)
        if known and bytes(known[0][0]) != self._key_check:
            raise MasterKeyError("the master key is no longer the one of this database", "start the gate anew")
        self._mark = mark
        return False


def entry_of(row: Row, token_id: str) -> Entry:
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
    # Past the constructors that NamedTuple writes: these two are most of what an entry costs.
    info = _made(TokenInfo, (token_id, name, external_id, extension, modules, number, secret))
    refused = None
    if deleted_at is not None:
        refused = Decision(Reason.DELETED, info)
    elif disabled_at is not None:
        refused = Decision(Reason.DISABLED, info)
    within = tuple(ipaddress.ip_network(each) for each in networks.split()) if networks else ()
    return _made(Decision, (Reason.VALID, info, None)), refused, stops_at, expires_at, within
