"""A number as a bar in a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokentui.ui.chart.row_bar import row_bar

PARTS = "▏▎▍▌▋▊▉█"


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(1, 60))
def test_the_bar_is_true_to_an_eighth(number: int, highest: int, width: int) -> None:
    """Zero is nothing, anything else something, and nothing passes the width."""
    bar = row_bar(number, highest, width)
    eighths = sum(PARTS.index(cell) + 1 for cell in bar)
    assert abs(eighths - min(1, number / highest) * width * 8) <= 1
    assert len(bar) <= width
    assert bool(bar) == bool(number)
