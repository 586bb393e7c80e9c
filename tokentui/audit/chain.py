"""Each entry of the audit is bound to those before it, so that nobody without the master key can rewrite it unseen.

    link of entry n = HMAC-SHA-256, under the audit subkey, of the link before it and of entry n
    head            = the newest entry's ID and link, with an HMAC of both

A process without the master key (a colleague who disables a leaked token) can't make a link: its entries have none, and
are bound by the next one that has. The head tells that entries were cut off at the end: whoever has the file alone
can't make one that fits. See `check` for what is told from it.

The entries of a transaction are written just before it commits, when their order is certain.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.crypto.vault import Vault
from tokentui.models import AuditEntry, Meta
from tokentui.models.audit import canonical

HEAD = "audit_head"
"""The name under which `meta` holds the head."""

WRITTEN = "audit entries that were written"
"""In a session's `info`: the IDs of the last entry before those of its transaction, and of the last of these."""

_WAITING = "audit entries to be written"
_LOCK = 0x746F6B656E617564
"""The advisory lock of PostgreSQL that puts those who commit in a row; SQLite has but one writer."""

_HEAD = struct.Struct(">q32s32s")
_CHUNK_ROWS = 1000

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry that was bound: its ID, and its link."""

    entry_id: int
    link: bytes

    def sealed(self, vault: Vault) -> bytes:
        """The text that `meta` holds."""
        return _HEAD.pack(self.entry_id, self.link, self._seal(vault))

    def _seal(self, vault: Vault) -> bytes:
        return vault.link(b"audit head", _HEAD.pack(self.entry_id, self.link, b""))

    @classmethod
    def opened(cls, vault: Vault, value: object) -> Head | None:
        """The head from the text in `meta`; None where that was not written with this master key."""
        if not isinstance(value, bytes) or len(value) != _HEAD.size:
            return None
        entry_id, link, seal = _HEAD.unpack(value)
        head = cls(entry_id, link)
        return head if hmac.compare_digest(seal, head._seal(vault)) else None


def add(session: Session, context: Context, values: Values) -> None:
    """Has an entry written when the session's transaction commits: a row of the table without its ID and link."""
    if _WAITING not in session.info:
        session.info[_WAITING] = []

        @event.listens_for(session, "before_commit")
        def write_entries(session: Session) -> None:
            waiting, session.info[_WAITING] = session.info[_WAITING], []
            if waiting:
                lock(session)  # before the vault: whoever gave the database another key meanwhile has ended
                append(session, context.vault_without_writing(session), waiting)

        @event.listens_for(session, "after_rollback")
        def forget_entries(session: Session) -> None:
            session.info[_WAITING] = []

    session.info[_WAITING].append(values)


def lock(session: Session) -> None:
    """Lets nobody else write entries until the open transaction ends, which must be soon."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def append(session: Session, vault: Vault | None, rows: Iterable[Values]) -> None:
    """Writes entries now, in their order; bound where there is a vault. The caller holds the `lock`."""
    stored = session.get(Meta, HEAD)
    head = None if stored is None or vault is None else Head.opened(vault, stored.value)
    last = max(session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0, claimed_id(stored))
    link, unbound = _end(session, head) if vault is not None else (b"", b"")
    # A head that is damaged or gone stays so: a new one would hide that entries were cut off.
    keeps_head = head is not None or (stored is None and link == b"")
    chain = Chain(vault, Head(last, link), unbound)
    entries = map(chain.bound, rows)
    while batch := list(islice(entries, _CHUNK_ROWS)):
        session.execute(insert(AuditEntry), batch)
    session.info[WRITTEN] = (last, chain.head.entry_id)
    if vault is not None and keeps_head:
        session.merge(Meta(name=HEAD, value=chain.head.sealed(vault)))
        session.flush()


class Chain:
    """Gives entries their IDs and links, one after the other."""

    def __init__(self, vault: Vault | None, head: Head, unbound: bytes = b"") -> None:
        """`head` has the ID of the last entry, and the link that the next one follows; `unbound` is what came since."""
        self.head = head
        self._vault = vault
        self._unbound = unbound

    def bound(self, values: Values) -> Values:
        """The row of an entry: what it says, with its ID and its link, which is empty without a vault."""
        row = {**values, "id": self.head.entry_id + 1, "link": b""}
        link = self.head.link
        if self._vault is not None:
            row["link"] = link = self._vault.link(link, self._unbound + canonical(row))
            self._unbound = b""
        self.head = Head(self.head.entry_id + 1, link)
        return row


def claimed_id(stored: Meta | None) -> int:
    """The ID in the head: one that was cut off is not used again, so that the gap is seen."""
    if stored is None or not isinstance(stored.value, bytes) or len(stored.value) != _HEAD.size:
        return 0
    entry_id: int = _HEAD.unpack(stored.value)[0]
    return entry_id if 0 < entry_id < 1 << 53 else 0


def _end(session: Session, head: Head | None) -> tuple[bytes, bytes]:
    """The link that the next entry follows (empty: none is bound yet), and the entries since then, as bytes."""
    if head is None:
        bound = select(AuditEntry.id, AuditEntry.link).where(AuditEntry.link != b"")
        row = session.execute(bound.order_by(AuditEntry.id.desc()).limit(1)).one_or_none()
        head = Head(0, b"") if row is None else Head(row.id, row.link if isinstance(row.link, bytes) else b"damaged")
    entries = select(AuditEntry.__table__).where(AuditEntry.id > head.entry_id).order_by(AuditEntry.id)
    return head.link, b"".join(canonical(row) for row in session.execute(entries).mappings())
