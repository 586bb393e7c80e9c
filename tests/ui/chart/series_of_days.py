"""Series of days for the tests of the chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from tokentui.usage.series import ClassCounts, Day, Series

TODAY = date(2026, 11, 24)

COUNT = st.one_of(st.just(0), st.integers(1, 9), st.integers(0, 1_000), st.integers(0, 10**7))
COUNTS = st.tuples(COUNT, COUNT, COUNT, COUNT)


def series_of(counts: Sequence[ClassCounts], *, uncounted: int = 0) -> Series:
    """Consecutive days up to today; the first `uncounted` of them were not counted and have no responses."""
    first = TODAY - timedelta(days=len(counts) - 1)
    return Series(
        tuple(
            Day(first + timedelta(days=place), (0, 0, 0, 0) if place < uncounted else day, counted=place >= uncounted)
            for place, day in enumerate(counts)
        ),
        None,
    )


@st.composite
def random_series(draw: st.DrawFn) -> Series:
    """1 to 120 days of zeros, small and large numbers, the first of them perhaps not counted."""
    counts = draw(st.lists(COUNTS, min_size=1, max_size=120))
    return series_of(counts, uncounted=draw(st.integers(0, len(counts) - 1)))
