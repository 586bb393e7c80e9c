"""Digests of keys of which the SHA-256 alone was brought in: made at their first use, and written by the recorder."""

from __future__ import annotations

import logging
from typing import NamedTuple

from sqlalchemy import text

from tokentui.context import Context
from tokentui.database.retries import retried
from tokentui.errors import DatabaseLocked, TokentuiError

_LOG = logging.getLogger(__name__)

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
        self._is_refused = False

    def note(self, secret: int, digest: BetterDigest) -> None:
        """Has the digest of a secret, by its ID, replaced at the next flush."""
        if len(self._noted) < _MOST and not self._is_refused:
            self._noted[secret] = digest

    def take(self) -> dict[int, BetterDigest]:
        """What was noted since the last call."""
        noted, self._noted = self._noted, {}
        return noted

    def write(self, context: Context) -> None:
        """Replaces what was noted, where it is still what it was. Raises nothing of the database.

        Its keys are let in all the same: a gate that may not do it, as by a role of its own, does not try again.
        """
        if not self._noted:
            return
        digests = self.take()
        try:
            _replace(context, digests)
        except DatabaseLocked:
            for secret, digest in digests.items():
                self.note(secret, digest)
        except TokentuiError as error:
            self._is_refused = True
            _LOG.info("digests of imported keys are left as they are: %s", error)


@retried
def _replace(context: Context, digests: dict[int, BetterDigest]) -> None:
    with context.database.write() as session:
        session.execute(_REPLACE, [{"secret": secret, **digests[secret]._asdict()} for secret in sorted(digests)])
        session.commit()
