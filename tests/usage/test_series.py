"""Local days as a series: sums, where the count began, CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.factories import START
from tokentui.usage import series
from tokentui.usage.local_days import last_days

BERLIN = ZoneInfo("Europe/Berlin")


def local(day: int, at: int = 0) -> datetime:
    return datetime(2026, 11, day, at, tzinfo=BERLIN)


def of(
    days: int, counts: dict[int, series.ClassCounts], since: datetime | None = None, now: datetime = START
) -> series.Series:
    """The series up to `now`, with the counts by day of the month."""
    last = last_days(days, now=now, zone=BERLIN)
    by_index = {index: counts[day.day] for index, day in enumerate(last.dates) if day.day in counts}
    return series.series_of(last, by_index, zone=BERLIN, counting_since=since)


def test_sums_and_a_zero_for_a_day_without_responses() -> None:
    made = of(3, {22: (3, 0, 4, 0), 24: (0, 8, 0, 16)}, local(1))
    assert [(day.date.day, day.counts) for day in made.days] == [
        (22, (3, 0, 4, 0)),
        (23, (0, 0, 0, 0)),
        (24, (0, 8, 0, 16)),
    ]
    assert all(day.counted for day in made.days)
    assert made.totals == (3, 8, 4, 16)
    assert made.total == 31
    assert made.error_rate == 20 / 31
    assert made.mean_per_day == 31 / 3


def test_days_before_the_count_began_are_marked() -> None:
    made = of(4, {}, local(23))
    assert [day.counted for day in made.days] == [False, False, True, True]
    assert made.mean_per_day == 0
    assert made.error_rate == 0


def test_nothing_is_counted_where_there_is_no_token() -> None:
    made = of(7, {})
    assert not any(day.counted for day in made.days)
    assert made.mean_per_day == 0


def test_a_day_with_responses_is_counted_whenever_the_count_is_said_to_begin() -> None:
    made = of(5, {20: (5, 0, 0, 0)}, local(23))  # of a token since purged
    assert [day.counted for day in made.days] == [True, False, False, True, True]


def test_days_follow_one_another_and_end_today() -> None:
    late = datetime(2026, 11, 24, 0, 30, tzinfo=BERLIN)  # still the 23rd in UTC
    dates = [day.date for day in of(90, {}, now=late).days]
    assert dates == [date(2026, 11, 24) - timedelta(days=back) for back in range(89, -1, -1)]


def test_csv() -> None:
    rows = list(csv.reader(io.StringIO(series.csv_text(of(3, {24: (1, 2, 3, 4)}, local(23))))))
    assert rows == [
        ["date", "2xx", "3xx", "4xx", "5xx", "total"],
        ["2026-11-22", "", "", "", "", ""],
        ["2026-11-23", "0", "0", "0", "0", "0"],
        ["2026-11-24", "1", "2", "3", "4", "10"],
    ]
