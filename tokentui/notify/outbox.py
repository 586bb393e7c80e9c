"""The outbox: who is told what, once each, also where the process that tells it is killed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tokentui import validation
from tokentui.context import Context
from tokentui.models import EPOCH, OutboxNotice
from tokentui.models.notice import read_content
from tokentui.notify import occasions
from tokentui.notify.occasions import Occasion

PRINT, WEBHOOK, MAIL = "print", "webhook", "mail:"
"""Recipients: standard output, the webhook, and the prefix of an address."""

LEASE = timedelta(minutes=10)
"""How long what a process has taken is left to it: one that was killed loses it then."""

NOT_YET = EPOCH
"""The moment that stands for none, see `UtcDateTime`."""

KEPT = timedelta(days=800)
"""How long it is remembered that something was told: longer than any expiry that is told of lies ahead."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_CHUNK_ROWS = 500

_ONCE = (OutboxNotice.recipient, OutboxNotice.token_id, OutboxNotice.kind, OutboxNotice.occasion)
"""What tells a notice from every other: with the same of all four it is not told again."""


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """What one recipient is yet to be told. `attempts` are those that have failed."""

    id: int
    recipient: str
    content: dict[str, Any]
    attempts: int


def put(context: Context, recipients: Sequence[str]) -> None:
    """Puts what is new into the outbox, for each of `recipients` and, with `MAIL` among them, for who is mailed.

    In one transaction. Told already, or waiting already, is not new.
    """
    with context.database.write() as session:
        _insert(session, _rows(context, occasions.expiring(session, context), recipients))
        if context.settings.notify_events:
            entries = occasions.untold(session)
            _insert(session, _rows(context, occasions.done(session, context, entries), recipients))
            occasions.note_told(session, entries)
        session.execute(
            delete(OutboxNotice).where(OutboxNotice.sent_at != NOT_YET, OutboxNotice.sent_at < context.now() - KEPT)
        )
        session.commit()


def preview(context: Context, recipients: Sequence[str]) -> tuple[PendingNotice, ...]:
    """What would be told now, to whom; changes nothing."""
    with context.database.read() as session:
        fresh = list(_rows(context, occasions.expiring(session, context), recipients))
        if context.settings.notify_events:
            fresh += _rows(context, occasions.done(session, context, occasions.untold(session)), recipients)
        stored = set(map(tuple, session.execute(select(*_ONCE))))
        waiting = session.scalars(select(OutboxNotice).where(OutboxNotice.sent_at == NOT_YET).order_by(OutboxNotice.id))
        pending = _readable(notice for notice in waiting if _is_for(notice.recipient, recipients))
    for row in fresh:
        if tuple(row[column.key] for column in _ONCE) not in stored:
            pending.append(PendingNotice(0, row["recipient"], json.loads(row["content"]), 0))
    return tuple(pending)


def take(context: Context, recipient: str, limit: int) -> tuple[PendingNotice, ...]:
    """The oldest that a recipient is to be told now; another process is not given them within `LEASE`.

    What can't be read holds up none of the others.
    """
    now = context.now()
    query = (
        select(OutboxNotice)
        .where(OutboxNotice.sent_at == NOT_YET, OutboxNotice.recipient == recipient, OutboxNotice.due_at <= now)
        .order_by(OutboxNotice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    readable: list[PendingNotice] = []
    with context.database.write() as session:
        while not readable and (taken := session.scalars(query).all()):
            readable = _readable(taken)
            ids = [notice.id for notice in taken]
            session.execute(update(OutboxNotice).where(OutboxNotice.id.in_(ids)).values(due_at=now + LEASE))
        session.commit()
    return tuple(readable)


def count_unreadable(context: Context) -> int:
    """How many that nobody was told yet hold what the program never writes."""
    with context.database.read() as session:
        waiting = session.scalars(select(OutboxNotice).where(OutboxNotice.sent_at == NOT_YET)).all()
        return len(waiting) - len(_readable(waiting))


def waiting_recipients(context: Context) -> tuple[str, ...]:
    """Who is to be told something now."""
    with context.database.read() as session:
        query = (
            select(OutboxNotice.recipient)
            .where(OutboxNotice.sent_at == NOT_YET, OutboxNotice.due_at <= context.now())
            .distinct()
        )
        return tuple(sorted(session.scalars(query)))


def mark_sent(context: Context, notices: Iterable[PendingNotice]) -> None:
    """Keeps that they were told."""
    with context.database.write() as session:
        ids = [notice.id for notice in notices]
        session.execute(update(OutboxNotice).where(OutboxNotice.id.in_(ids)).values(sent_at=context.now()))
        session.commit()


def mark_failed(context: Context, notices: Iterable[PendingNotice]) -> None:
    """Has them tried again after a minute, then after twice as long each time, at most six hours."""
    with context.database.write() as session:
        for notice in notices:
            wait = min(_FIRST_WAIT * 2 ** min(notice.attempts, 16), _LONGEST_WAIT)
            changed = update(OutboxNotice).where(OutboxNotice.id == notice.id)
            session.execute(changed.values(due_at=context.now() + wait, attempts=notice.attempts + 1))
        session.commit()


def _rows(context: Context, new: Iterable[Occasion], recipients: Sequence[str]) -> Iterator[dict[str, Any]]:
    now = context.now()
    for occasion in new:
        for recipient in _recipients(context, occasion, recipients):
            yield {
                "recipient": recipient,
                "token_id": occasion.token_id,
                "kind": occasion.kind,
                "occasion": occasion.name,
                "content": json.dumps(occasion.content, ensure_ascii=False),
                "created_at": now,
                "due_at": now,
                "sent_at": None,
                "attempts": 0,
            }


def _recipients(context: Context, occasion: Occasion, recipients: Sequence[str]) -> Iterator[str]:
    for recipient in recipients:
        if recipient != MAIL:
            yield recipient
            continue
        try:
            addresses: tuple[str, ...] = (validation.mail_address(occasion.owner),)
        except validation.ValidationError:
            addresses = context.settings.notify_to
        for address in addresses:
            yield f"{MAIL}{address}"


def _insert(session: Session, rows: Iterator[dict[str, Any]]) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(OutboxNotice).on_conflict_do_nothing()
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        session.execute(statement, chunk)


def _is_for(recipient: str, recipients: Sequence[str]) -> bool:
    return recipient in recipients or (MAIL in recipients and recipient.startswith(MAIL))


def _readable(notices: Iterable[OutboxNotice]) -> list[PendingNotice]:
    readable = []
    for notice in notices:
        content = read_content(notice.content)
        if content is not None and type(notice.recipient) is str and type(notice.attempts) is int:
            readable.append(PendingNotice(notice.id, notice.recipient, content, notice.attempts))
    return readable
