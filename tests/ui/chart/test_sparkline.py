"""Numbers as one line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokentui.ui.chart.scale import EIGHTHS
from tokentui.ui.chart.sparkline import sparkline


@given(st.lists(st.integers(0, 10**9), max_size=60))
def test_each_number_is_true_to_an_eighth(numbers: list[int]) -> None:
    """A cell a number; zero is empty, and nothing else is."""
    line = sparkline(numbers)
    assert len(line) == len(numbers)
    for cell, number in zip(line, numbers, strict=True):
        eighths = EIGHTHS.index(cell)
        assert abs(eighths - 8 * number / max(1, *numbers, 1)) <= 1
        assert bool(eighths) == bool(number)


def test_lines_can_share_a_scale() -> None:
    """Two of them are then compared by eye."""
    assert sparkline([2, 4], highest=8) == "▂▄"
    assert sparkline([2, 4]) == "▄█"
    assert sparkline([]) == ""
