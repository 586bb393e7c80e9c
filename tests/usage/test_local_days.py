"""Which slots belong to which local date: in every zone, on every day that its clocks change."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentui.models import SLOT, slot_of, slot_start
from tokentui.usage.local_days import OUTSIDE, LocalDays, last_days

ZONES = sorted(available_timezones())
START, END = datetime(1970, 1, 10, tzinfo=UTC), datetime(2037, 12, 1, tzinfo=UTC)
SECONDS = int((END - START).total_seconds())
MOMENTS = st.integers(0, SECONDS).map(lambda seconds: START + timedelta(seconds=seconds))


def day_of(local: LocalDays, slot: int) -> int:
    """The index of the date that a slot belongs to, or OUTSIDE."""
    return next((run.day for run in local.runs if run.first <= slot < run.end), OUTSIDE)


def by_day(local: LocalDays, moments: list[datetime]) -> Counter[date]:
    """How many of the moments each of the days has, by their slots."""
    days = (day_of(local, slot_of(moment)) for moment in moments)
    return Counter(local.dates[day] for day in days if day != OUTSIDE)


def is_of_one_date(slot: int, zone: ZoneInfo) -> bool:
    """Whether a slot's requests all have the same local date, as far as whole minutes tell."""
    minutes = (slot_start(slot) + timedelta(minutes=minute) for minute in range(15))
    dates = {moment.astimezone(zone).date() for moment in minutes}
    dates.add((slot_start(slot + 1) - timedelta(microseconds=1)).astimezone(zone).date())
    return len(dates) == 1


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), MOMENTS, st.integers(1, 40), st.lists(st.integers(0, 45 * 86_400), max_size=200))
def test_every_zone_counts_by_its_own_dates(name: str, now: datetime, days: int, ages: list[int]) -> None:
    """As counting by the local date of each request does; a slot that two dates share goes to one of them."""
    zone = ZoneInfo(name)
    local = last_days(days, now=now, zone=zone)
    moments = [now - timedelta(seconds=age) for age in ages]
    whole = [moment for moment in moments if is_of_one_date(slot_of(moment), zone)]
    wanted = Counter(moment.astimezone(zone).date() for moment in whole)
    assert by_day(local, whole) == {day: wanted[day] for day in local.dates if wanted[day]}
    for moment in moments:
        begins = slot_start(slot_of(moment)).astimezone(zone).date()
        assert by_day(local, [moment]) == ({begins: 1} if begins in local.dates else {})


LAST_NOON, DAYS = datetime(2027, 6, 30, 12, tzinfo=UTC), 800


def clock_of(name: str) -> tuple[object, ...]:
    """What the clocks of a zone show on those days: the offset, and where it changes each quarter of an hour."""
    zone = ZoneInfo(name)
    noons = [LAST_NOON - timedelta(days=day) for day in range(-1, DAYS + 2)]
    offsets = [noon.astimezone(zone).utcoffset() for noon in noons]
    changes = [noon for noon, offset, before in zip(noons, offsets, offsets[1:], strict=False) if offset != before]
    quarters = [[noon - timedelta(minutes=15 * quarter) for quarter in range(96)] for noon in changes]
    return offsets[0], tuple(tuple(moment.astimezone(zone).utcoffset() for moment in day) for day in quarters)


def test_the_days_of_the_next_years_are_exact() -> None:
    """No slot is shared by two dates anywhere now, so that no request can count to the day before.

    Of zones whose clocks show the same, one is looked at.
    """
    for name in {clock_of(name): name for name in ZONES}.values():
        zone = ZoneInfo(name)
        local = last_days(DAYS, now=LAST_NOON, zone=zone)
        for earlier, later in zip(local.runs, local.runs[1:], strict=False):
            slot = later.first
            before = (slot_start(slot) - timedelta(microseconds=1)).astimezone(zone).date()
            dates = (before, slot_start(slot).astimezone(zone).date())
            assert dates == (local.dates[earlier.day], local.dates[later.day]), name


def lengths(name: str, last: date, days: int = 3) -> dict[int, float]:
    """The hours of each of the days up to this one, by day of the month."""
    zone = ZoneInfo(name)
    local = last_days(days, now=datetime(last.year, last.month, last.day, 12, tzinfo=zone), zone=zone)
    hours: Counter[int] = Counter({day.day: 0 for day in local.dates})
    for run in local.runs:
        if run.day != OUTSIDE:
            hours[local.dates[run.day].day] += run.end - run.first
    return {day: slots / 4 for day, slots in hours.items()}


@pytest.mark.parametrize(
    ("name", "last", "wanted"),
    [
        ("Europe/Berlin", date(2026, 3, 30), {28: 24, 29: 23, 30: 24}),
        ("Europe/Berlin", date(2026, 10, 26), {24: 24, 25: 25, 26: 24}),
        ("Australia/Lord_Howe", date(2026, 4, 6), {4: 24, 5: 24.5, 6: 24}),
        ("Australia/Lord_Howe", date(2026, 10, 5), {3: 24, 4: 23.5, 5: 24}),
        # No midnight: the day begins at one o'clock.
        ("America/Sao_Paulo", date(2018, 11, 5), {3: 24, 4: 23, 5: 24}),
        ("America/Havana", date(2026, 3, 9), {7: 24, 8: 23, 9: 24}),
        # The clocks go back at midnight, to the day before.
        ("America/Sao_Paulo", date(2018, 2, 18), {16: 24, 17: 25, 18: 24}),
        # Back over midnight from two o'clock: the 4th goes on after two hours of the 5th.
        ("Antarctica/Casey", date(2010, 3, 6), {4: 25, 5: 26, 6: 24}),
        ("Africa/Casablanca", date(2026, 3, 23), {21: 24, 22: 23, 23: 24}),
        ("Africa/Casablanca", date(2026, 2, 16), {14: 24, 15: 25, 16: 24}),
        # The 30th was left out when Samoa crossed the date line.
        ("Pacific/Apia", date(2011, 12, 31), {29: 24, 30: 0, 31: 24}),
        ("Asia/Kathmandu", date(2026, 3, 30), {28: 24, 29: 24, 30: 24}),
        # At one minute past midnight.
        ("America/St_Johns", date(2010, 11, 8), {6: 24.75, 7: 24.25, 8: 24}),
    ],
)
def test_days_have_the_hours_that_their_clocks_gave_them(name: str, last: date, wanted: dict[int, float]) -> None:
    assert lengths(name, last) == wanted


@pytest.mark.parametrize("name", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])
def test_a_day_begins_at_its_midnight(name: str) -> None:
    zone = ZoneInfo(name)
    local = last_days(3, now=datetime(2026, 11, 24, 9, 30, tzinfo=UTC), zone=zone)
    for run in local.runs:
        midnight = datetime.combine(local.dates[run.day], datetime.min.time(), zone)
        assert slot_start(run.first) == midnight
        assert day_of(local, slot_of(midnight)) == day_of(local, slot_of(midnight + SLOT)) == run.day
        assert day_of(local, slot_of(midnight) - 1) == run.day - 1


def test_a_slot_outside_belongs_to_no_day() -> None:
    local = last_days(7, now=datetime(2026, 11, 24, 9, 30, tzinfo=UTC), zone=ZoneInfo("Europe/Berlin"))
    assert local.dates == tuple(date(2026, 11, day) for day in range(18, 25))
    assert [day_of(local, slot) for slot in (local.first - 1, local.first, local.end - 1, local.end)] == [-1, 0, 6, -1]
