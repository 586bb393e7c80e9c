"""Days and responses on the cells of a chart."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.screens.details.chart_cells import FILLS, Frame, column, frame, scale, ticks, visible
from tokentui.usage.series import Counts, Day

NOBODY: frozenset[int] = frozenset()


def days(*counts: Counts) -> tuple[Day, ...]:
    first = date(2026, 11, 25) - timedelta(days=len(counts))
    return tuple(Day(first + timedelta(days=place), each) for place, each in enumerate(counts))


def framed(*counts: Counts, columns: int = 60, rows: int = 10, cursor: int | None = None) -> Frame:
    last = len(counts) - 1 if cursor is None else cursor
    return frame(days(*counts), NOBODY, columns=columns, rows=rows, cursor=last, stacked=True)


def drawn(counts: Counts, *, top: Counts = (100, 0, 0, 0), rows: int = 10) -> str:
    return "".join(glyph for _, glyph in column(counts, framed(top, rows=rows)))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 0, 0), ""),
        ((1, 0, 0, 0), "▁"),
        ((50, 0, 0, 0), "█████"),
        ((55, 0, 0, 0), "█████▄"),
        ((100, 0, 0, 0), "██████████"),
        ((50, 0, 20, 0), "█████▒▒"),
        ((20, 20, 20, 20), "██░░▒▒╳╳"),
    ],
)
def test_heights(counts: Counts, expected: str) -> None:
    """A zero is nothing, anything else something; the classes are stacked in their order."""
    assert drawn(counts) == expected


def test_a_single_server_error_is_seen() -> None:
    """One among a hundred, where the bar has a cell to spare for it."""
    assert drawn((80, 0, 0, 1)) == "███████╳"


def test_a_single_client_error_is_not_made_much_of() -> None:
    """It is noise; the line under the chart counts it."""
    assert drawn((80, 0, 1, 0)) == "████████"


def test_one_cell_belongs_to_the_largest_part() -> None:
    """A quiet day with one error is not a day of errors."""
    assert drawn((8, 0, 0, 1)) == "█"


@given(st.tuples(*[st.integers(0, 10**7)] * 4), st.integers(1, 60))
def test_no_bar_passes_the_room(counts: Counts, rows: int) -> None:
    """Whatever was counted: within the rows, only classes that are there, and nothing but for a zero."""
    cells = column(counts, framed(counts, rows=rows))
    assert len(cells) <= rows
    assert bool(cells) == bool(sum(counts))
    assert all(counts[owner] for owner, _ in cells)


@given(st.integers(0, 10**9), st.integers(1, 60))
def test_the_axis_ends_at_a_round_number(highest: int, rows: int) -> None:
    """At or above the highest, by steps of 1, 2 or 5 times a power of ten, and no more marks than rows."""
    top, step = scale(highest, rows)
    assert top >= max(1, highest)
    assert top % step == 0
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert top // step <= max(1, rows)


def test_hidden_classes_do_not_count() -> None:
    """Neither in a bar nor in the scale."""
    assert visible((9, 1, 2, 3), frozenset({0, 3})) == (0, 1, 2, 0)
    fitted = frame(days((900, 0, 3, 0)), frozenset({0}), columns=60, rows=10, cursor=0, stacked=True)
    assert fitted.top < 10


def test_lines_are_not_stacked() -> None:
    """The highest class alone sets their scale."""
    each = days((60, 60, 60, 60))
    assert frame(each, NOBODY, columns=60, rows=10, cursor=0, stacked=False).top == 60
    assert frame(each, NOBODY, columns=60, rows=10, cursor=0, stacked=True).top == 250


@pytest.mark.parametrize(
    ("number", "columns", "slot"), [(7, 70, 10), (7, 200, 10), (30, 73, 2), (30, 112, 3), (90, 112, 1)]
)
def test_days_fill_the_width_evenly(number: int, columns: int, slot: int) -> None:
    """Every slot is as wide as the others, with a gap where there is room for one."""
    fitted = framed(*[(1, 0, 0, 0)] * number, columns=columns)
    assert (fitted.slot, fitted.shown) == (slot, number)
    assert fitted.columns <= columns
    assert fitted.bar == max(1, slot - 1)


def test_a_window_around_the_cursor_where_days_do_not_fit() -> None:
    """90 days in 60 columns: the last ones, until the cursor leaves them; then a third further."""
    many = [(1, 0, 0, 0)] * 90
    assert framed(*many, cursor=89).first == 30
    assert framed(*many, cursor=30).first == 30
    assert framed(*many, cursor=29).first == 10
    assert framed(*many, cursor=0).first == 0


@given(st.integers(1, 90), st.integers(1, 120), st.data())
def test_the_cursor_is_always_in_the_window(number: int, columns: int, data: st.DataObject) -> None:
    """And a click on its column finds it again."""
    cursor = data.draw(st.integers(0, number - 1))
    fitted = framed(*[(1, 0, 0, 0)] * number, columns=columns, cursor=cursor)
    assert fitted.first <= cursor < fitted.first + fitted.shown
    assert fitted.day_at(fitted.column(cursor)) == cursor
    assert fitted.day_at(-1) is None
    assert fitted.day_at(fitted.columns) is None


def test_dates_stand_under_mondays_and_do_not_touch() -> None:
    """Thirty days in two columns each: every seventh."""
    each = days(*[(1, 0, 0, 0)] * 30)
    marks = ticks(each, frame(each, NOBODY, columns=73, rows=10, cursor=29, stacked=True))
    assert [label for _, label in marks] == ["26 Oct", "2 Nov", "9 Nov", "16 Nov", "23 Nov"]
    assert all(after - before >= 8 for (before, _), (after, _) in pairwise(marks))


def test_fills_differ_in_shape() -> None:
    """Told apart without colour."""
    assert len(set(FILLS)) == 4
