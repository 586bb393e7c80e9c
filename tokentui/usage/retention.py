"""How long counts are kept: by slots of 15 minutes first, then by days of UTC, then no more where that is set.

A day of UTC is kept as one number, at the slot of its noon. Whoever looks at it sees it on the local date that its noon
falls on, which is the date that shares the most hours with it; up to half of its requests (in the zones furthest from
UTC) were made on the local date before or after. No time zone's own days can be told from it any more.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tokentui.context import Context
from tokentui.database.retries import retried
from tokentui.errors import TokentuiError
from tokentui.models import SLOT, SLOTS_A_DAY, Usage, slot_of
from tokentui.usage.access_log import known_lines
from tokentui.usage.counts import ADD_SUMS, MOVE_SUMS

NOON = SLOTS_A_DAY // 2
"""The slot of a day that its sum is kept at."""


class HourlyTidy:
    """Tidies at its first call and then once an hour, for what counts day and night. For one thread."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._last: datetime | None = None

    def when_due(self) -> None:
        """Tidies if an hour has passed; what can't be done now is tried again an hour later."""
        now = self._context.now()
        if self._last is None or not timedelta(0) <= now - self._last < timedelta(hours=1):
            self._last = now
            with contextlib.suppress(TokentuiError):
                tidy(self._context)


def tidy(context: Context) -> int:
    """Rolls up whole days older than `usage_slots` and drops what is older than `usage_days`; the days rolled up.

    A transaction a day, so that nobody waits long for the lock. Raises DatabaseError.
    """
    now, settings = slot_of(context.now()), context.settings
    limit = (now - settings.usage_slots // SLOT) // SLOTS_A_DAY * SLOTS_A_DAY
    with context.database.read() as session:
        days = session.scalars(
            select(Usage.slot // SLOTS_A_DAY).where(Usage.slot < limit, Usage.slot % SLOTS_A_DAY != NOON).distinct()
        ).all()
    for day in days:
        _roll_up(context, int(day) * SLOTS_A_DAY)
    if settings.usage_days is not None:
        oldest = (now - settings.usage_days // SLOT) // SLOTS_A_DAY * SLOTS_A_DAY
        with context.database.write() as session:
            session.execute(delete(Usage).where(Usage.slot < oldest))
            session.commit()
    known_lines.forget(context)
    return len(days)


@retried
def _roll_up(context: Context, first: int) -> None:
    """Makes the day of UTC that begins with this slot one sum a token."""
    noon, end = first + NOON, first + SLOTS_A_DAY
    with context.database.write() as session:
        span = {"first": first, "end": end, "into": noon}
        if context.database.path is None:
            session.execute(MOVE_SUMS, span)  # else what a gate counts between the two would be deleted unseen
        else:
            session.execute(ADD_SUMS, span)
            session.execute(delete(Usage).where(Usage.slot >= first, Usage.slot < end, Usage.slot != noon))
        session.commit()
