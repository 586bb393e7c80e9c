"""How many tokens there are of each status: sums that triggers keep, and the day in which an expiry falls by rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tokentui.models import Token, from_micros, status_is, to_micros
from tokentui.models.derived import DAY_MICROS, DELETED, DISABLED, ENABLED
from tokentui.models.derived_tables import TOKEN_COUNTS
from tokentui.records import Status


def by_status(session: Session, *, now: datetime, expiring: timedelta) -> dict[Status, int]:
    """The number of tokens of each status at `now` (aware UTC); their sum is all tokens."""
    if session.get_bind().dialect.name != "sqlite":
        return _counted(session, now=now, expiring=expiring)
    states = (_of_state(ENABLED), _of_state(DISABLED), _of_state(DELETED))
    statement = select(*states, _expired_by(now), _expired_by(now + expiring))
    enabled, disabled, deleted, expired, soon = session.execute(statement).one()
    return {
        Status.ACTIVE: enabled - soon,
        Status.EXPIRING: soon - expired,
        Status.EXPIRED: expired,
        Status.DISABLED: disabled,
        Status.DELETED: deleted,
    }


def _of_state(state: int) -> ColumnElement[int]:
    return _sum(TOKEN_COUNTS.c.state == state)


def _expired_by(moment: datetime) -> ColumnElement[int]:
    """How many tokens that are neither disabled nor deleted have expired at the moment: whole days, and its own."""
    day = to_micros(moment) // DAY_MICROS
    before = _sum(TOKEN_COUNTS.c.state == ENABLED, TOKEN_COUNTS.c.day < day)
    enabled = (Token.deleted_at.is_(None), Token.disabled_at.is_(None))
    since = Token.expires_at >= from_micros(day * DAY_MICROS)
    of_day = select(func.count()).select_from(Token).where(*enabled, since, Token.expires_at <= moment)
    return before + of_day.scalar_subquery()


def _sum(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.coalesce(func.sum(TOKEN_COUNTS.c.number), 0)).where(*conditions).scalar_subquery()


def _counted(session: Session, *, now: datetime, expiring: timedelta) -> dict[Status, int]:
    """By ranges of the index on state, and what remains of the whole table: the active."""
    parts = [status for status in Status if status is not Status.ACTIVE]
    queries = [
        select(func.count()).select_from(Token).where(status_is(status, now=now, expiring=expiring)).scalar_subquery()
        for status in parts
    ]
    whole = select(func.count()).select_from(Token).scalar_subquery()
    total, *numbers = session.execute(select(whole, *queries)).one()
    counts = dict(zip(parts, numbers, strict=True))
    counts[Status.ACTIVE] = total - sum(numbers)
    return {status: counts[status] for status in Status}
