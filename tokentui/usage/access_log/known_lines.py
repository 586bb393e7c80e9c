"""Tells which lines of access logs were counted before: each is stored, under the hour of its own time, for a while.

The lines of an hour are forgotten `log_memory` after the last of them was counted. The hour is closed then: whatever
comes of it later may have been counted before, so it isn't counted any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, not_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.models import LoggedHour, LoggedLine
from tokentui.usage.access_log.line import Response

_HOUR_MICROS = 3_600_000_000
_DELETE_BATCH_ROWS = 20_000
_NEW_LINE = "INSERT INTO logged_lines (hour, digest) VALUES (?, ?) ON CONFLICT DO NOTHING"

LineKey = tuple[int, bytes]
"""The hour of a line's own time, as whole hours since 1970 in UTC, and its digest."""


def key_of(response: Response) -> LineKey:
    """The key under which a line is stored."""
    return response.at // _HOUR_MICROS, response.digest


def closed_hours(session: Session, keys: Iterable[LineKey]) -> set[int]:
    """The hours of these lines (at least one) that are closed, as whole hours since 1970 in UTC.

    The others can't be closed until the open transaction ends.
    """
    hours = {hour for hour, _ in keys}
    span = LoggedHour.hour.between(min(hours), max(hours))
    # Open ones too: of a row that is locked, PostgreSQL gives what was committed while it waited.
    locked = select(LoggedHour.hour, LoggedHour.closed).where(span).order_by(LoggedHour.hour).with_for_update()
    return {hour for hour, closed in session.execute(locked) if closed and hour in hours}


def add(session: Session, keys: Sequence[LineKey], now: datetime) -> list[LineKey]:
    """Stores lines, and `now` as the time of their hours' last count; returns those that were not stored before."""
    connection = session.connection()
    postgres = connection.dialect.name == "postgresql"
    # By the driver itself, a line at a time: only so it says of each whether it was new, and in a tenth of the time.
    cursor = connection.connection.cursor()
    statement = _NEW_LINE.replace("?", "%s") if postgres else _NEW_LINE
    new: list[LineKey] = []
    for key in keys:
        cursor.execute(statement, key)
        if cursor.rowcount:
            new.append(key)
    cursor.close()
    hours = [{"hour": hour, "counted_at": now, "closed": False} for hour in sorted({hour for hour, _ in new})]
    if hours:
        insert = (postgresql if postgres else sqlite).insert(LoggedHour)
        counted_at = {"counted_at": insert.excluded.counted_at}
        session.execute(insert.on_conflict_do_update(index_elements=["hour"], set_=counted_at), hours)
    return new


def forget(context: Context) -> int:
    """Closes the hours whose last line was counted longer ago than `log_memory`, and forgets their lines.

    Returns how many were closed. A few thousand lines a transaction, so that nobody waits long for the lock.
    """
    limit = context.now() - context.settings.log_memory
    due = (LoggedHour.counted_at < limit, not_(LoggedHour.closed))
    with context.database.read() as session:
        closing = session.scalar(select(LoggedHour.hour).where(*due).limit(1)) is not None
    closed = _close(context, *due) if closing else 0
    with_lines = LoggedHour.closed & exists().where(LoggedLine.hour == LoggedHour.hour)
    with context.database.read() as session:
        hours = session.scalars(select(LoggedHour.hour).where(with_lines)).all()
    for hour in hours:
        while _delete_some(context, hour):
            pass
    return closed


def _close(context: Context, *due: object) -> int:
    with context.database.write() as session:
        closed = session.execute(update(LoggedHour).where(*due).values(closed=True))  # type: ignore[arg-type]
        session.commit()
        return int(closed.rowcount)  # type: ignore[attr-defined]


def _delete_some(context: Context, hour: int) -> bool:
    """Deletes some of an hour's lines; False when none is left."""
    some = select(LoggedLine.digest).where(LoggedLine.hour == hour).limit(_DELETE_BATCH_ROWS)
    with context.database.write() as session:
        deleted = session.execute(delete(LoggedLine).where(LoggedLine.hour == hour, LoggedLine.digest.in_(some)))
        session.commit()
        return bool(deleted.rowcount)  # type: ignore[attr-defined]
