"""The audit subkeys of former master keys: an entry stays bound by the key that there was when it was written.

So who has an old key and the database can't write entries of today, and can't rewrite those of then either: the first
entry under a new key is bound to the last one before it. They are kept sealed under the present key.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tokentui.audit import chain
from tokentui.crypto.vault import SealBroken, Vault, link
from tokentui.errors import DatabaseError
from tokentui.models import AuditEntry, Meta
from tokentui.models.audit_links import HEAD, Head

NAME = "former_audit_keys"
"""The name under which `meta` holds them."""

_PURPOSE = "former audit keys"


@dataclass(frozen=True, slots=True)
class FormerAuditKey:
    """The audit subkey of entries up to `last_entry`, and the check value of its master key."""

    last_entry: int
    key: bytes
    check_value: bytes


class Links:
    """Makes the link of any entry, under the key of its time."""

    def __init__(self, vault: Vault, former: Sequence[FormerAuditKey]) -> None:
        """`former` in the order in which they were in use."""
        self._vault = vault
        self._former = former
        self._ends = [former.last_entry for former in former]

    def link(self, entry_id: int, previous: bytes, entry: bytes) -> bytes:
        """What binds an entry (canonical bytes) to the link before it."""
        number = bisect_left(self._ends, entry_id)
        if number == len(self._ends):
            return self._vault.link(previous, entry)
        return link(self._former[number].key, previous, entry)


def read(session: Session, vault: Vault) -> tuple[FormerAuditKey, ...]:
    """The former keys, oldest first; raises DatabaseError where what is stored was not written with this master key."""
    stored = session.scalar(select(Meta.value).where(Meta.name == NAME))
    if stored is None:
        return ()
    try:
        rows = json.loads(vault.unseal_text(stored, _PURPOSE))
        return tuple(FormerAuditKey(last, bytes.fromhex(key), bytes.fromhex(check)) for last, key, check in rows)
    except (SealBroken, TypeError, ValueError):
        raise DatabaseError("the audit's former keys are damaged", "restore a backup of the database") from None


def change_master_key(session: Session, before: Vault, after: Vault) -> None:
    """Has every entry from now on bound under another master key; the open transaction must commit soon.

    A head that is damaged or gone stays so.
    """
    chain.lock(session)
    stored = session.get(Meta, HEAD)
    head = None if stored is None else Head.opened(before, stored.value)
    newest = session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0
    last = max(newest, chain.claimed_id(stored))
    former = (*read(session, before), FormerAuditKey(last, before.audit_key, before.check_value()))
    rows = [[key.last_entry, key.key.hex(), key.check_value.hex()] for key in former]
    session.merge(Meta(name=NAME, value=after.seal_text(json.dumps(rows).encode("ascii"), _PURPOSE)))
    if head is not None:
        session.merge(Meta(name=HEAD, value=head.sealed(after)))
    session.flush()
