"""Hours into local days."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tokentui.usage import series

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(n) for n in ("Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "UTC")]


def hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def local(day: int, at: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, at, tzinfo=BERLIN)


def test_days_are_local_and_a_day_without_responses_is_a_zero() -> None:
    hours = [
        (hour(local(22, 0)), (1, 0, 0, 0)),
        (hour(local(22, 23)), (2, 0, 4, 0)),
        (hour(local(24, 0)), (0, 8, 0, 16)),
    ]
    found = series.of_hours(hours, days=3, now=START, zone=BERLIN, counting_since=local(1, 0))
    assert [(day.date.day, day.counts) for day in found.days] == [
        (22, (3, 0, 4, 0)),
        (23, (0, 0, 0, 0)),
        (24, (0, 8, 0, 16)),
    ]
    assert all(day.counted for day in found.days)
    assert found.totals == (3, 8, 4, 16)
    assert found.total == 31
    assert found.error_rate == 20 / 31
    assert found.a_day == 31 / 3


def test_hours_outside_the_range_are_left_out() -> None:
    hours = [(hour(local(21, 23)), (1, 0, 0, 0)), (hour(local(25, 0)), (1, 0, 0, 0))]
    assert series.of_hours(hours, days=3, now=START, zone=BERLIN, counting_since=START).total == 0


def test_days_before_the_count_began_are_marked() -> None:
    found = series.of_hours([], days=4, now=START, zone=BERLIN, counting_since=local(23, 0))
    assert [day.counted for day in found.days] == [False, False, True, True]
    assert found.a_day == 0
    assert found.error_rate == 0


def test_nothing_is_counted_where_there_is_no_token() -> None:
    found = series.of_hours([], days=7, now=START, zone=BERLIN, counting_since=None)
    assert not any(day.counted for day in found.days)
    assert found.a_day == 0


def test_a_day_with_responses_is_counted_whenever_the_count_is_said_to_begin() -> None:
    hours = [(hour(local(20, 12)), (5, 0, 0, 0))]  # of a token since purged
    found = series.of_hours(hours, days=5, now=START, zone=BERLIN, counting_since=local(23, 0))
    assert [day.counted for day in found.days] == [True, False, False, True, True]


@pytest.mark.parametrize(("day", "month", "length"), [(25, 10, 25), (29, 3, 23)])
def test_a_day_on_which_the_clocks_change_has_25_or_23_hours(day: int, month: int, length: int) -> None:
    noon = datetime(2026, month, day, 11, tzinfo=UTC)
    hours = [(hour(noon) + offset, (1, 0, 0, 0)) for offset in range(-48, 49)]
    found = series.of_hours(hours, days=2, now=noon, zone=BERLIN, counting_since=noon)
    assert [each.counts[0] for each in found.days] == [24, length]


@given(
    st.sampled_from(ZONES),
    st.integers(0, 90_000).map(lambda hours: datetime(2020, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)),
    st.integers(1, 400),
)
def test_the_first_hour_is_the_first_that_counts(zone: tzinfo, now: datetime, days: int) -> None:
    first = series.first_hour(days=days, now=now, zone=zone)
    hours = [(first - 1, (1, 0, 0, 0)), (first, (0, 1, 0, 0))]
    found = series.of_hours(hours, days=days, now=now, zone=zone, counting_since=now)
    assert found.totals == (0, 1, 0, 0)
    assert found.days[0].counts == (0, 1, 0, 0)
    starts = series.first_hours(days=days, now=now, zone=zone)
    assert starts[0] == first
    assert starts[-1] == series.first_hour(days=1, now=now, zone=zone)
    assert list(starts) == sorted(set(starts))


def test_days_follow_one_another_and_end_today() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # already the 24th in Berlin
    found = series.of_hours([], days=90, now=late, zone=BERLIN, counting_since=None)
    dates = [day.date for day in found.days]
    assert dates == [date(2026, 11, 24) - timedelta(days=back) for back in range(89, -1, -1)]


def test_csv() -> None:
    hours = [(hour(local(24, 3)), (1, 2, 3, 4))]
    found = series.of_hours(hours, days=3, now=START, zone=BERLIN, counting_since=local(23, 0))
    rows = list(csv.reader(io.StringIO(series.csv_text(found))))
    assert rows == [
        ["date", "2xx", "3xx", "4xx", "5xx", "total"],
        ["2026-11-22", "", "", "", "", ""],
        ["2026-11-23", "0", "0", "0", "0", "0"],
        ["2026-11-24", "1", "2", "3", "4", "10"],
    ]


@pytest.mark.parametrize(
    ("top", "wanted"),
    [(0, [0]), (1, [0, 1]), (7, [0, 2, 4, 6]), (99, [0, 20, 40, 60, 80]), (168_694, [0, 50_000, 100_000, 150_000])],
)
def test_ticks_are_round_and_whole(top: int, wanted: list[int]) -> None:
    assert series.whole_ticks(top) == wanted
