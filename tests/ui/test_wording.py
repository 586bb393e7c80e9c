"""The words that commands and screens share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tokentui.records import Status, TokenRecord
from tokentui.ui import wording
from tokentui.ui.text import cell_width

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR, MINUTE = 86400, 3600, 60
TOKEN = TokenRecord(
    id=631646036, name="Tutorial", external_id=None, description="", owner="", extension_slug="custom",
    extension_name="Custom", extension_code="EXT-000", all_modules=True, modules=(), networks=(), status=Status.ACTIVE,
    created_at=START, created_by="alice", updated_at=START, updated_by="alice", expires_at=None, disabled_at=None,
    deleted_at=None, last_used_at=None, last_used_from="", version=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "now"), (-0.4, "now"), (0.6, "in 1 s"), (-89, "89 s ago"), (-90, "2 min ago"), (-125, "2 min ago"),
        (59.6 * MINUTE, "in 60 min"), (2 * HOUR - 1, "in 2 h"), (35.5 * HOUR, "in 36 h"), (30 * DAY - 1, "in 30 days"),
        (89 * MINUTE, "in 89 min"), (90 * MINUTE, "in 2 h"), (21.9 * HOUR, "in 22 h"), (36 * HOUR, "in 2 days"),
        (-47 * HOUR, "2 days ago"), (-3 * DAY, "3 days ago"), (44.6 * DAY, "in 45 days"), (59.9 * DAY, "in 60 days"),
        (60 * DAY, "in 2 months"), (92 * DAY, "in 3 months"), (-365 * DAY, "12 months ago"), (730 * DAY, "in 2 years"),
        (-3653 * DAY, "10 years ago"),
    ],
)  # fmt: skip
def test_relative(seconds: float, text: str) -> None:
    assert wording.relative(START + timedelta(seconds=seconds), START) == text


def test_a_short_minute_has_the_year_where_it_is_another() -> None:
    assert wording.short_minute(START - timedelta(hours=1), START, BERLIN) == "24 Nov 09:30"
    assert wording.short_minute(START - timedelta(days=365), START, BERLIN) == "24 Nov 2025"
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert wording.short_minute(new_year, START, BERLIN) == "1 Jan 2027"


def test_relative_of_nothing_is_never() -> None:
    assert wording.relative(None, START) == wording.exact(None, BERLIN) == wording.near(None, START, BERLIN) == "never"


@given(st.floats(1, 9e9), st.floats(1, 9e9))
def test_a_later_moment_never_reads_as_nearer_and_is_off_by_half_a_unit(one: float, other: float) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "days": DAY, "months": 30.44 * DAY, "years": 365.25 * DAY}

    def read(seconds: float) -> float:
        _, number, unit = wording.relative(START + timedelta(seconds=seconds), START).split()
        assert abs(int(number) * units[unit] - seconds) <= units[unit] / 2 + 1e-5
        assert int(number) > 1 or unit == "s"
        return int(number) * units[unit]

    sooner, later = sorted((one, other))
    assert read(sooner) <= read(later)


def test_near_shows_a_date_where_it_is_far() -> None:
    assert wording.near(START + timedelta(days=92), START, BERLIN) == "in 3 months"
    assert wording.near(START - timedelta(days=40), START, BERLIN) == "40 days ago"
    assert wording.near(datetime(2025, 5, 19, 7, 54, tzinfo=UTC), START, BERLIN) == "19 May 2025"


def test_exact_is_local_and_names_the_zone() -> None:
    summer, winter = datetime(2025, 5, 20, 7, 53, tzinfo=UTC), datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    assert wording.exact(summer, BERLIN) == "Tue 20 May 2025 09:53 CEST"
    assert wording.exact(winter, BERLIN) == "Thu 1 Jan 2026 00:30 CET"
    assert wording.day_text(winter, BERLIN) == "1 Jan 2026"


def test_each_status_has_a_word_and_a_shape_of_its_own() -> None:
    texts = [wording.status_text(status) for status in Status]
    assert texts == ["● Active", "◐ Expiring", "○ Expired", "◌ Disabled", "✕ Deleted"]
    assert all(cell_width(shape) == 1 for shape in wording.SHAPES.values())


def test_permissions_and_extension() -> None:
    some = replace(TOKEN, all_modules=False, modules=("usage",))
    assert wording.permissions_text(TOKEN) == "Full"
    assert wording.permissions_text(some) == "1 module"
    assert wording.permissions_text(replace(some, modules=("hubs", "usage"))) == "2 modules"
    assert wording.extension_text(TOKEN) == "Custom EXT-000"
    assert wording.extension_text(replace(TOKEN, extension_name="Zapier", extension_code="")) == "Zapier"


def test_numbers() -> None:
    assert wording.thousands(18204) == "18\u202f204"
    assert wording.thousands(999) == "999"
    assert wording.thousands(1234567) == "1\u202f234\u202f567"
    assert wording.percent(0.0184) == "1.8\u202f%"
    assert wording.percent(0) == "0.0\u202f%"
    assert wording.percent(0.0001) == "<0.1\u202f%"
    assert wording.percent(0.9999) == ">99.9\u202f%"
    assert wording.percent(1) == "100.0\u202f%"


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=0.4), "now"),
        (timedelta(seconds=40), "in 40 s"),
        (timedelta(minutes=-38), "38 min ago"),
        (timedelta(hours=21, minutes=29), "in 21 h"),
        (timedelta(hours=21, minutes=31), "in 22 h"),
        (timedelta(days=-3), "3 d ago"),
        (timedelta(days=12), "in 12 d"),
        (timedelta(days=14, hours=11), "in 14 d"),
        (timedelta(days=14, hours=13), "8 Dec"),
        (timedelta(days=45), "8 Jan 2027"),
        (timedelta(days=-554), "19 May 2025"),
    ],
)
def test_a_distance_up_to_fourteen_days_then_a_day(distance: timedelta, text: str) -> None:
    """The year where it is another, by the operator's own time zone."""
    assert wording.short_date(START + distance, START, BERLIN) == text


def test_the_date_of_never() -> None:
    assert wording.short_date(None, START, BERLIN) == "never"


@given(st.integers(-(10**9), 10**9))
def test_a_date_fits_eleven_cells(seconds: int) -> None:
    assert len(wording.short_date(START + timedelta(seconds=seconds), START, BERLIN)) <= 11
