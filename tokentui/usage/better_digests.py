"""Digests of keys of which the SHA-256 alone was brought in: made at their first use, and written by the recorder."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

_MOST = 100_000
"""Digests that wait; of more, whoever uses the key again has it made again."""

# Bare: what was read for a check is never written back. A key that is here twice keeps the two that it has.
_REPLACE = text(
    "UPDATE secrets SET digest = :better, form = :form WHERE id = :secret AND digest = :present "
    "AND NOT EXISTS (SELECT 1 FROM secrets WHERE digest = :better)"
)


class BetterDigest(NamedTuple):
    """The digest that a secret has, the one that it is to have, and of which kind (`KeyForm`) its key is."""

    present: bytes
    better: bytes
    form: int


class BetterDigests:
    """What a gate notes and the recorder beside it writes. Safe to share between threads."""

    def __init__(self) -> None:
        self._noted: dict[int, BetterDigest] = {}

    def note(self, secret: int, digest: BetterDigest) -> None:
        """Has the digest of a secret, by its ID, replaced at the next flush."""
        if len(self._noted) < _MOST:
            self._noted[secret] = digest

    def take(self) -> dict[int, BetterDigest]:
        """What was noted since the last call."""
        noted, self._noted = self._noted, {}
        return noted


def write_better(session: Session, digests: dict[int, BetterDigest]) -> None:
    """Replaces digests in the open transaction, where they are still what they were."""
    if digests:
        session.execute(_REPLACE, [{"secret": secret, **digests[secret]._asdict()} for secret in sorted(digests)])
