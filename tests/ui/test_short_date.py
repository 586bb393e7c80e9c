"""Dates in a column of a list: near ones as a distance, others as a day."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tokentui.ui.wording import short_date

BERLIN = ZoneInfo("Europe/Berlin")


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
    assert short_date(START + distance, START, BERLIN) == text


def test_never() -> None:
    assert short_date(None, START, BERLIN) == "never"


@given(st.integers(-(10**9), 10**9))
def test_it_fits_eleven_cells(seconds: int) -> None:
    assert len(short_date(START + timedelta(seconds=seconds), START, BERLIN)) <= 11
