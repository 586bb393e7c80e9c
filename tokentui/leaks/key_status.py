"""What a key that was seen somewhere opens: asked of the database, which is not changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import select

from tokentui.context import Context
from tokentui.crypto.key_format import Key, format_id
from tokentui.leaks.scan import Match
from tokentui.models import Secret, Token, status_of

_BATCH_ROWS = 200
"""Keys that are asked for together; SQLite allows a limited number of parameters."""

_MOST_REMEMBERED = 20_000
"""Keys whose status is kept for their next line: a log repeats few keys often. About 5 MB."""


class KeyStatus(StrEnum):
    """The token's status where the key is one of its keys; else `stopped`, or `unknown` where no such token is."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"
    STOPPED = "stopped"
    UNKNOWN = "unknown"

    @property
    def is_live(self) -> bool:
        """Whether whoever has the key is let in."""
        return self in (KeyStatus.ACTIVE, KeyStatus.EXPIRING)


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A key in a file, and what it opens; the key itself is left out."""

    path: str
    line: int
    token_id: int
    status: KeyStatus

    @property
    def label(self) -> str:
        """The token's ID, as people see it."""
        return format_id(self.token_id)


def seen_keys(context: Context, matches: Iterable[Match]) -> Iterator[SeenKey]:
    """The status of each match, in order; needs the master key and raises MasterKeyError without the right one.

    Keeps a bounded number of keys, so that a log of any size takes constant memory.
    """
    vault = context.vault()
    remembered: dict[bytes, KeyStatus] = {}
    for batch in _batches(matches):
        names = [vault.digest(match.key.text) for match in batch]  # no key is kept, not even for a short time
        asked = {name: match.key for name, match in zip(names, batch, strict=True) if name not in remembered}
        remembered.update(_statuses(context, asked))
        for name, match in zip(names, batch, strict=True):
            yield SeenKey(match.path, match.line, match.key.token_id, remembered[name])
        if len(remembered) > _MOST_REMEMBERED:
            remembered.clear()


def _batches(matches: Iterable[Match]) -> Iterator[list[Match]]:
    following = iter(matches)
    while batch := list(islice(following, _BATCH_ROWS)):
        yield batch


def _statuses(context: Context, keys: dict[bytes, Key]) -> dict[bytes, KeyStatus]:
    """What a key is called → its status, of at most `_BATCH_ROWS` keys."""
    if not keys:
        return {}
    now, expiring = context.now(), context.settings.expiring_within
    with context.database.read() as session:
        vault = context.vault_for_reading(session)
        digests = {name: vault.digests(key.text) for name, key in keys.items()}
        working = {
            row.digest: (row.stops_at is None or row.stops_at > now, row)
            for row in session.execute(
                select(Secret.digest, Secret.stops_at, Token.expires_at, Token.disabled_at, Token.deleted_at)
                .join(Token, Token.id == Secret.token_id)
                .where(Secret.digest.in_([digest for stored in digests.values() for digest in stored]))
            )
        }
        tokens = set(session.scalars(select(Token.id).where(Token.id.in_({key.token_id for key in keys.values()}))))
    statuses: dict[bytes, KeyStatus] = {}
    for name, key in keys.items():
        stored = next(filter(working.get, digests[name]), b"")
        works, row = working.get(stored, (False, None))
        if works and row is not None:
            times = {"expires_at": row.expires_at, "disabled_at": row.disabled_at, "deleted_at": row.deleted_at}
            statuses[name] = KeyStatus(status_of(**times, now=now, expiring=expiring).value)
        else:
            statuses[name] = KeyStatus.STOPPED if key.token_id in tokens else KeyStatus.UNKNOWN
    return statuses
