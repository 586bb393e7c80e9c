"""Each entry of the audit is bound to those before it, so that nobody without the master key can rewrite it unseen.

    link of entry n = HMAC-SHA-256, under the audit subkey, of the link before it and of entry n
    head            = the newest entry's ID and link, with an HMAC of both

A process without the master key (a colleague who disables a leaked token) can't make a link: its entries have none, and
are bound by the next one that has. The head tells that entries were cut off at the end: whoever has the file alone
can't make one that fits. See `check` for what is told from it.

The entries of a transaction are written just before it commits, when their order is certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.crypto.vault import Vault
from tokentui.models import AuditEntry, Meta
from tokentui.models.audit_links import HEAD, HEAD_LAYOUT, Chain, Head, Values, canonical

WRITTEN = "audit entries that were written"
"""In a session's `info`: the IDs of the last entry before those of its transaction, and of the last of these."""

_WAITING = "audit entries to be written"
_LOCK = 0x746F6B656E617564
"""The advisory lock of PostgreSQL that puts those who commit in a row; SQLite has but one writer."""

_CHUNK_ROWS = 1000


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


def claimed_id(stored: Meta | None) -> int:
    """The ID in the head: one that was cut off is not used again, so that the gap is seen."""
    if stored is None or not isinstance(stored.value, bytes) or len(stored.value) != HEAD_LAYOUT.size:
        return 0
    entry_id: int = HEAD_LAYOUT.unpack(stored.value)[0]
    return entry_id if 0 < entry_id < 1 << 53 else 0


def _end(session: Session, head: Head | None) -> tuple[bytes, bytes]:
    """The link that the next entry follows (empty: none is bound yet), and the entries since then, as bytes."""
    if head is None:
        bound = select(AuditEntry.id, AuditEntry.link).where(AuditEntry.link != b"")
        row = session.execute(bound.order_by(AuditEntry.id.desc()).limit(1)).one_or_none()
        head = Head(0, b"") if row is None else Head(row.id, row.link if isinstance(row.link, bytes) else b"damaged")
    entries = select(AuditEntry.__table__).where(AuditEntry.id > head.entry_id).order_by(AuditEntry.id)
    return head.link, b"".join(canonical(row) for row in session.execute(entries).mappings())
