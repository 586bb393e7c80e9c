"""Responses as a gate would have counted them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from tokentui.context import Context
from tokentui.models import Usage, slot_of
from tokentui.usage.series import ClassCounts


def count(context: Context, token_id: int, days_ago: int, counts: ClassCounts) -> date:
    """Counts responses at noon UTC of a day; returns the day."""
    day = (context.now() - timedelta(days=days_ago)).date()
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    names = ("success", "redirection", "client_error", "server_error")
    row = {"token_id": token_id, "slot": slot_of(noon), **dict(zip(names, counts, strict=True))}
    with context.database.write() as session:
        session.execute(insert(Usage), [row])
        session.commit()
    return day
