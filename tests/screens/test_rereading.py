"""When a reading is out of date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tokentui.screens.rereading import Rereading

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read_at_noon(next_change: datetime | None = None) -> Rereading:
    rereading = Rereading()
    rereading.was_read(NOON, next_change)
    return rereading


def test_at_the_next_change_and_once() -> None:
    rereading = read_at_noon(NOON + HOUR)
    assert not rereading.is_due(NOON, UTC)
    assert rereading.is_due(NOON + HOUR, UTC)
    assert not rereading.is_due(NOON + HOUR, UTC)
    rereading.was_read(NOON + HOUR, None)
    assert not rereading.is_due(NOON + 2 * HOUR, UTC)


def test_when_a_day_of_the_operators_begins() -> None:
    assert read_at_noon().is_due(NOON + 12 * HOUR, UTC)
    assert not read_at_noon().is_due(NOON + 6 * HOUR, UTC)
    assert read_at_noon().is_due(NOON + 6 * HOUR + HOUR / 2, ZoneInfo("Asia/Kolkata"))


def test_when_the_clock_is_set_back() -> None:
    assert read_at_noon(NOON + HOUR).is_due(NOON - HOUR, UTC)


def test_not_before_the_first_reading() -> None:
    assert not Rereading().is_due(NOON, UTC)
