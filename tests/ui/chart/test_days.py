"""Where days stand: equal bars within the width, whatever the number of days and whichever weekday is the last."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tokentui.ui.chart.days import place_days

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize("weekday", range(7))
def test_bars_are_equal_and_within_the_width(weekday: int) -> None:
    """In each width for up to 40 days, where two gaps between weeks may come to nine days, or one."""
    last = MONDAY + timedelta(days=weekday)
    for number in range(1, 41):
        days = [last - timedelta(days=number - 1 - place) for place in range(number)]
        for width in range(number, 121):
            placed = place_days(days, width, number - 1)
            assert len(placed.bars) == number
            assert placed.bars[-1].stop <= placed.width <= width, (number, width)
            lengths = {len(bar) for bar in placed.bars}
            assert len(lengths) == 1 or lengths == {1, 2}, (number, width)
