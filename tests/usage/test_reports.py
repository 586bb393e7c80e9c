"""Reading what was counted, by local days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.factories import FrozenClock, make_token
from tests.usage.rows import record
from tokentui.context import Context
from tokentui.errors import NoSuchToken
from tokentui.listing import order
from tokentui.models import SLOT
from tokentui.usage import reports

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Santiago",
    "America/Havana",
    "UTC",
]


def local(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN)


def test_daily_of_one_token_and_of_all(context: Context, clock: FrozenClock) -> None:
    clock.move(days=-3)
    one, other = make_token(context, "One").token.id, make_token(context, "Other").token.id
    clock.move(days=3)
    record(context, one, (local(23, 0), (1, 0, 0, 0)), (local(23, 23), (1, 2, 0, 0)), (local(24, 0), (0, 0, 3, 4)))
    record(context, other, (local(23, 23), (10, 0, 0, 0)))
    series = reports.daily(context, one, days=3)
    assert [(day.date, day.counts) for day in series.days] == [
        (date(2026, 11, 22), (0, 0, 0, 0)),
        (date(2026, 11, 23), (2, 2, 0, 0)),
        (date(2026, 11, 24), (0, 0, 3, 4)),
    ]
    assert reports.daily(context, days=3).days[1].counts == (12, 2, 0, 0)
    assert reports.daily(context, days=3).total == 21


def test_the_count_begins_with_the_token(context: Context, clock: FrozenClock) -> None:
    clock.move(days=-2)
    old = make_token(context, "Old").token
    clock.move(days=2)
    new = make_token(context, "New").token
    assert reports.daily(context, new.id, days=3).counting_since == new.created_at
    assert [day.counted for day in reports.daily(context, new.id, days=4).days] == [False, False, False, True]
    assert reports.daily(context, days=4).counting_since == old.created_at
    assert [day.counted for day in reports.daily(context, days=4).days] == [False, True, True, True]


def test_of_no_token_at_all(context: Context) -> None:
    series = reports.daily(context, days=7)
    assert series.counting_since is None
    assert (len(series.days), series.total, any(day.counted for day in series.days)) == (7, 0, False)
    assert reports.totals(context, []) == {}
    assert reports.sparklines(context, []) == {}
    assert not reports.has_any(context)


def test_a_token_that_does_not_exist(context: Context) -> None:
    with pytest.raises(NoSuchToken, match="SU-000-000-007"):
        reports.daily(context, 7)


def test_has_any(context: Context) -> None:
    one, other = make_token(context, "One").token.id, make_token(context, "Other").token.id
    record(context, one, (datetime(2020, 1, 1, tzinfo=UTC), (0, 0, 0, 1)))
    assert reports.has_any(context)
    assert reports.has_any(context, one)
    assert not reports.has_any(context, other)


def test_totals_and_sparklines_of_a_page(context: Context) -> None:
    one, other, none = (make_token(context, name).token.id for name in ("One", "Other", "None"))
    record(context, one, (local(24, 0), (1, 2, 3, 4)), (local(23, 23), (5, 0, 0, 0)), (local(22, 23), (9, 9, 9, 9)))
    record(context, other, (local(23, 0), (0, 0, 1, 0)), (local(25, 0), (7, 0, 0, 0)))
    lines = reports.sparklines(context, (one, other, none), days=2)
    assert lines == {one: ((5, 0), (10, 7)), other: ((1, 1), (0, 0)), none: ((0, 0), (0, 0))}
    assert reports.totals(context, (one, none), days=2) == {one: 15, none: 0}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("now", [datetime(2026, 4, 7, 9, 30, tzinfo=UTC), datetime(2026, 11, 3, 9, 30, tzinfo=UTC)])
def test_chart_and_sparkline_agree_where_the_clocks_change(
    context: Context, clock: FrozenClock, zone: str, now: datetime
) -> None:
    token_id = make_token(context, days=None).token.id
    clock.set(now)
    context.zone = ZoneInfo(zone)
    # Each slot its own number, so that none can take another's place.
    slots = [(now - back * SLOT, (back + 1, 0, 0, back % 2)) for back in range(96 * 42)]
    record(context, token_id, *slots)
    chart = reports.daily(context, token_id, days=40)
    line = reports.sparklines(context, [token_id], days=40)[token_id]
    assert line == tuple((day.total, day.counts[3]) for day in chart.days)
    assert reports.totals(context, [token_id], days=40) == {token_id: chart.total}
    at = order.query_time(context)
    assert at.keeps_days == order.is_sqlite(context)
    by_slots, by_days = (
        select(reports.by_token(now=at.now, zone=at.zone, keeps_days=kept)) for kept in (False, at.keeps_days)
    )
    with context.database.read() as session:
        (counted,) = session.execute(by_days).all()
        assert [counted] == session.execute(by_slots).all()
    errors = sum(day.counts[3] for day in chart.days[-reports.DAYS :])
    assert tuple(counted) == (token_id, sum(total for total, _ in line[-reports.DAYS :]), errors)
    lengths = {sum((m.astimezone(context.zone).date() == day.date) for m, _ in slots) for day in chart.days[:-1]}
    assert 96 in lengths
    if zone == "Europe/Berlin":
        assert lengths == {96, 92 if now.month == 4 else 100}
