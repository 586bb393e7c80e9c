"""Moments as the tables hold them: whole microseconds since 1970 in UTC. Without SQLAlchemy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """An aware moment → microseconds since 1970 in UTC; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Microseconds since 1970 → aware UTC."""
    return EPOCH + timedelta(microseconds=micros)


def not_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    """A moment that is past: now, for one that a clock was wrong about."""
    return now if moment is not None and moment > now else moment
