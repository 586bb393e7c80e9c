"""Thirty days as bars: each to an eighth of the highest, red where errors are worth a look."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokentui.screens.tokens.use_bars import use_bars, use_sparkline

COUNTS = st.integers(0, 10**9)
DAYS = st.lists(st.tuples(COUNTS, COUNTS).map(lambda pair: (max(pair), min(pair))), max_size=30).map(tuple)
BLOCKS = " ▁▂▃▄▅▆▇█"


def test_each_day_stands_at_its_height() -> None:
    assert use_sparkline((), 30) == use_sparkline(((1, 0),), 0) == ()
    assert use_sparkline(((0, 0),) * 3, 3) == ((" ", False),) * 3
    line = use_sparkline(tuple((number, 0) for number in range(9)), 9)
    assert "".join(bar for bar, _ in line) == BLOCKS


def test_days_with_many_errors_stand_out() -> None:
    line = use_sparkline(((100, 0), (100, 9), (100, 10), (1, 1), (0, 0)), 5)
    assert [wrong for _, wrong in line] == [False, False, True, True, False]


def test_few_cells_join_days() -> None:
    """Today stays in the last; no day is left out, and one bad day is seen."""
    days = tuple((number, 0) for number in range(30))
    assert use_sparkline(days, 15) == use_sparkline(tuple((4 * number + 1, 0) for number in range(15)), 15)
    assert use_sparkline(((90, 0), (10, 1)), 1) == (("█", True),)


@given(DAYS)
def test_what_is_not_zero_shows_to_an_eighth(days: tuple[tuple[int, int], ...]) -> None:
    line = use_sparkline(days, 30)
    assert len(line) == len(days)
    highest = max((total for total, _ in days), default=0)
    for (total, errors), (bar, wrong) in zip(days, line, strict=True):
        height = BLOCKS.index(bar)
        assert (height == 0) is (total == 0)
        assert abs(height - (8 * total / highest if highest else 0)) <= 1
        assert errors or not wrong


@given(st.lists(COUNTS, min_size=1, max_size=30), st.integers(1, 6))
def test_bars_over_many_rows_are_read_back(numbers: list[int], rows: int) -> None:
    lines = use_bars(numbers, rows)
    assert len(lines) == rows
    for column, number in enumerate(numbers):
        eighths = sum(BLOCKS.index(line[column]) for line in lines)
        assert abs(eighths - (8 * rows * number / max(numbers) if max(numbers) else 0)) <= 1
        assert (eighths == 0) is (number == 0)
