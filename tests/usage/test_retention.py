"""How long counts are kept, and on which date a day shows that was rolled up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.factories import FrozenClock, make_token
from tests.usage.rows import record
from tokentui.context import Context
from tokentui.models import SLOT, Usage, slot_of
from tokentui.usage import reports, retention

DAY = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 4, 13, 12, tzinfo=UTC)


def test_slots_become_days(context: Context, clock: FrozenClock) -> None:
    """Old slots are summed into the noon of their day; younger ones and the sums stay."""
    clock.set(LATER)
    for hours in (0, 1, 12, 23.75, 24, 48):
        record(context, 7, (DAY + timedelta(hours=hours), (1, 2, 3, 4)))
    assert retention.tidy(context) == 2
    assert retention.tidy(context) == 0
    with context.database.read() as session:
        rows = {row.slot - slot_of(DAY): row for row in session.scalars(select(Usage))}
    assert {slot: row.success for slot, row in rows.items()} == {48: 4, 96 + 48: 1, 192: 1}
    assert (rows[48].redirection, rows[48].client_error, rows[48].server_error) == (8, 12, 16)
    record(context, 7, (DAY + timedelta(hours=3), (1, 0, 0, 0)))  # of an old log
    assert retention.tidy(context) == 1
    with context.database.read() as session:
        assert session.scalars(select(Usage.success).order_by(Usage.slot)).first() == 5


def test_days_are_dropped_where_that_is_set(context: Context, clock: FrozenClock) -> None:
    clock.set(LATER)
    record(context, 7, (DAY, (1, 0, 0, 0)), (DAY + timedelta(days=30), (2, 0, 0, 0)))
    object.__setattr__(context.settings, "usage_days", timedelta(days=80))
    retention.tidy(context)
    with context.database.read() as session:
        assert session.scalars(select(Usage.success)).all() == [2]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", DAY.date()),
        ("Europe/Berlin", DAY.date()),
        ("America/Los_Angeles", DAY.date()),
        ("Pacific/Pago_Pago", DAY.date()),
        ("Asia/Kolkata", DAY.date()),
        ("Australia/Sydney", DAY.date()),
        # Thirteen of the day's hours are on the date after.
        ("Pacific/Auckland", date(2026, 1, 2)),
        ("Pacific/Kiritimati", date(2026, 1, 2)),
    ],
)
def test_a_day_that_was_rolled_up_shows_on_the_date_that_has_the_most_of_it(
    context: Context, clock: FrozenClock, zone: str, shown: date
) -> None:
    token = make_token(context, days=None).token.id
    clock.set(LATER)
    context.zone = ZoneInfo(zone)
    slots = [DAY + number * SLOT for number in range(96)]
    record(context, token, *((moment, (1, 0, 0, 0)) for moment in slots))
    retention.tidy(context)
    days = [day for day in reports.daily(context, token, days=120).days if day.total]
    assert [(day.date, day.total) for day in days] == [(shown, 96)]
    dates = [moment.astimezone(context.zone).date() for moment in slots]
    assert dates.count(shown) == max(map(dates.count, set(dates)))


def test_tidying_runs_at_the_start_and_then_hourly(context: Context, clock: FrozenClock) -> None:
    """By the clock, also where that is set back; a database that is locked is left for the next time."""
    clock.set(LATER)
    hourly = retention.HourlyTidy(context)

    def is_tidied() -> bool:
        record(context, 7, (DAY, (1, 0, 0, 0)))
        hourly.when_due()
        with context.database.read() as session:
            return session.scalars(select(Usage.slot).order_by(Usage.slot)).first() != slot_of(DAY)

    assert [is_tidied(), is_tidied()] == [True, False]
    for minutes, tidied in ((59, False), (1, True), (30, False), (-120, True), (59, False), (1, True)):
        clock.move(minutes=minutes)
        assert is_tidied() is tidied


def test_a_locked_database_ends_nothing(context: Context, open_as: Callable[..., Context], clock: FrozenClock) -> None:
    clock.set(LATER)
    record(context, 7, (DAY, (1, 0, 0, 0)))
    hourly = retention.HourlyTidy(open_as(busy_timeout=timedelta(0)))
    with context.database.write():
        hourly.when_due()
    clock.move(hours=1)
    hourly.when_due()
    with context.database.read() as session:
        assert session.scalars(select(Usage.slot)).one() == slot_of(DAY) + retention.NOON
