"""Tells where the audit was tampered with."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from tokentui.audit import former_keys
from tokentui.audit.former_keys import Links
from tokentui.context import Context
from tokentui.crypto.vault import Vault
from tokentui.models import AuditEntry, Meta
from tokentui.models.audit_links import HEAD, Head, canonical

_CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Tampering:
    """What is wrong: `entry` is the first ID that it is about, `last` the last one; `entry` 0 is the whole record."""

    entry: int
    last: int
    message: str


@dataclass(slots=True)
class AuditCheck:
    """What the check saw. `bound` entries are proven by a link or by that of a later one.

    `unproven` are those that were written without a master key: nobody can say that they are genuine, but since the
    next bound entry they can't be changed unseen. `head` is the newest bound entry, to be noted elsewhere.
    """

    entries: int = 0
    bound: int = 0
    unproven: int = 0
    head: Head | None = None
    tampering: list[Tampering] = field(default_factory=list)


def check(context: Context, noted: Head | None = None) -> AuditCheck:
    """Reads the whole audit, and compares each link; changes nothing.

    `noted` is a head that was noted at an earlier check: the record is told to have been rolled back where it lacks
    that entry, or has another in its place. Raises MasterKeyError without the right master key.

    Told: an entry that was changed, removed, inserted or moved, and entries cut off at the end. Not told without
    `noted`: that the whole database is an older copy of itself, or that its audit was emptied together with its head.
    """
    context.vault()
    result = AuditCheck()
    with context.database.read() as session:
        vault = context.vault_for_reading(session)
        last = _walk(session, Links(vault, former_keys.read(session, vault)), result)
        _check_head(session, vault, last, result)
        if noted is not None:
            _compare(session, noted, result)
    return result


def _walk(session: Session, links: Links, result: AuditCheck) -> Head:
    """Compares each link with those before it; returns the last one."""
    last, unbound, is_broken, previous = Head(0, b""), b"", False, 0
    for row in _rows(session):
        number = row["id"]
        result.entries += 1
        if last.link and number != previous + 1:
            result.tampering.append(_missing(previous + 1, number - 1))
            is_broken = True
        previous = number
        link = row["link"]
        if type(link) is bytes and not link:
            unbound += canonical(row)
            result.unproven += 1
            continue
        expected = links.link(number, last.link, unbound + canonical(row))
        if isinstance(link, bytes) and hmac.compare_digest(link, expected):
            result.bound += 1
        elif not is_broken:  # after a gap, what follows it can't be compared
            first = last.entry_id + 1 if unbound else number
            result.tampering.append(Tampering(first, number, "was changed, or is not one that this program wrote"))
        last, unbound, is_broken = Head(number, link if isinstance(link, bytes) else b"damaged"), b"", False
    return last


def _rows(session: Session) -> Iterator[RowMapping]:
    query = select(AuditEntry.__table__).order_by(AuditEntry.id).execution_options(yield_per=_CHUNK_ROWS)
    yield from session.execute(query).mappings()


def _missing(first: int, last: int) -> Tampering:
    return Tampering(first, last, "is missing" if first == last else "are missing")


def _check_head(session: Session, vault: Vault, last: Head, result: AuditCheck) -> None:
    stored = session.get(Meta, HEAD)
    head = None if stored is None else Head.opened(vault, stored.value)
    result.head = head
    if head is None:
        if stored is not None or last.link:
            result.tampering.append(
                Tampering(0, 0, "the head is missing or damaged: entries may have been cut off at the end")
            )
    elif head.entry_id > last.entry_id:
        result.tampering.append(_missing(last.entry_id + 1, head.entry_id))
    elif head != last:
        result.tampering.append(Tampering(head.entry_id + 1, last.entry_id, "came by another way than this program's"))


def _compare(session: Session, noted: Head, result: AuditCheck) -> None:
    link = session.scalar(select(AuditEntry.link).where(AuditEntry.id == noted.entry_id))
    if link != noted.link:
        message = "was there at the last check, and is another one now" if link else "was there at the last check"
        result.tampering.append(
            Tampering(noted.entry_id, noted.entry_id, f"{message}: the database is an older copy, or another one")
        )
