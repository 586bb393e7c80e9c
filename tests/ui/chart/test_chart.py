"""The chart says what was counted: values are read back from its cells."""

from __future__ import annotations

from itertools import pairwise

import plotext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.chart.read_back import Drawn, classes_of
from tests.ui.chart.series_of_days import random_series, series_of
from tokentui.ui.chart.chart import CLASSES, UNCOUNTED, Chart
from tokentui.ui.chart.styled import CLASS_STYLES, plain, width_of
from tokentui.usage.series import ClassCounts, Series

HIDDEN = st.frozensets(st.integers(0, 3))
QUIET_DAY: ClassCounts = (500, 0, 0, 0)


def chart_of(series: Series, width: int = 80, height: int = 14, **options: object) -> Chart:
    return Chart(series, width=width, height=height, plotter=plotext, **options)  # type: ignore[arg-type]


def text_of(chart: Chart) -> list[str]:
    return [plain(line) for line in chart.lines()]


def read(chart: Chart) -> dict[str, Drawn]:
    return classes_of(text_of(chart), chart.left, chart.left + chart.days.width)


@settings(max_examples=60, deadline=None)
@given(random_series(), st.integers(30, 220), st.integers(2, 50), HIDDEN)
def test_bars_are_true_to_an_eighth_of_a_cell(series: Series, width: int, height: int, hidden: frozenset[int]) -> None:
    """At every size: the height of each bar is its number, zero is nothing, anything else something."""
    chart = chart_of(series, width, height, hidden=hidden)
    for name, drawn in read(chart).items():
        heights = drawn.heights()
        for day in chart.days.shown:
            number = series.days[day].counts[CLASSES.index(name)]
            bar = {heights[x - chart.left] for x in chart.columns(day)}
            assert len(bar) == 1
            (eighths,) = bar
            assert abs(eighths - number * 8 / drawn.a_cell) <= 1
            assert bool(eighths) == bool(number)
        bars = {x - chart.left for day in chart.days.shown for x in chart.columns(day)}
        assert not any(height for x, height in enumerate(heights) if x not in bars)


@settings(max_examples=40, deadline=None)
@given(random_series(), st.integers(0, 240), st.integers(0, 50), HIDDEN, st.booleans(), st.data())
def test_lines_have_the_width_that_they_were_given(
    series: Series, width: int, height: int, hidden: frozenset[int], bars: bool, data: st.DataObject
) -> None:
    """Nothing stands outside, however small the room is."""
    cursor = data.draw(st.integers(0, len(series.days) - 1))
    chart = chart_of(series, width, height, hidden=hidden, bars=bars, cursor=cursor)
    lines = chart.lines(cursor=cursor)
    assert [width_of(line) for line in lines] == [width] * height


@settings(max_examples=40, deadline=None)
@given(random_series(), st.integers(30, 220))
def test_days_are_spread_evenly(series: Series, width: int) -> None:
    """Dates stand the same distance apart, each under its tick; bars are equally wide, and the width is used."""
    chart = chart_of(series, width, 14)
    lines = text_of(chart)
    axis = next(line for line in lines if line[chart.left - 2 : chart.left] == "0┼")
    ticks = [x for x, cell in enumerate(axis) if cell == "┬"]
    assert ticks == [chart.left + chart.days.centre(day) for day in chart.days.dated]
    assert len({right - left for left, right in pairwise(ticks)}) <= 1
    widths = {len(chart.columns(day)) for day in chart.days.shown}
    gaps = {right.start - left.stop for left, right in pairwise(chart.days.bars)}
    assert len(widths) == 1 or (widths == {1, 2} and gaps == {0})
    assert max(gaps, default=0) <= 2 * min(gaps, default=0) + max(widths)
    if len(series.days) >= 7:
        assert max(len(line.rstrip()) for line in lines) >= 0.9 * width
    for day in chart.days.dated[:-1]:
        assert chart.day_at(chart.columns(day).start) == day


@pytest.mark.parametrize("width", [80, 120, 220])
def test_the_same_days_show_the_same_errors(width: int) -> None:
    """A single 5xx and a single 4xx among many responses stand on their own days in every width, and nowhere else."""
    days = [(100_000, 0, 0, 0)] * 30
    days[5], days[17], days[18] = (100_000, 0, 1, 0), (90_000, 0, 0, 1), (90_000, 0, 400, 0)
    chart = chart_of(series_of(days), width)
    heights = {name: drawn.heights() for name, drawn in read(chart).items()}
    with_errors = {
        name: [day for day in range(30) if heights[name][chart.columns(day).start - chart.left]]
        for name in ("4xx", "5xx")
    }
    assert with_errors == {"4xx": [5, 18], "5xx": [17]}
    assert "max 400" in "".join(text_of(chart))


def test_a_class_that_is_small_is_not_made_large() -> None:
    """The bar of 2xx is 2xx alone: errors do not take cells from it."""
    days: list[ClassCounts] = [QUIET_DAY] * 30
    loud = list(days)
    loud[10] = (500, 0, 20, 7)
    quiet, errors = read(chart_of(series_of(days))), read(chart_of(series_of(loud)))
    assert quiet["2xx"] == errors["2xx"]


def test_redirections_have_a_lane_where_there_are_any() -> None:
    """Most tokens never see one; their chart has the room instead."""
    assert list(read(chart_of(series_of([QUIET_DAY] * 7)))) == ["2xx", "4xx", "5xx"]
    assert list(read(chart_of(series_of([(1, 1, 0, 0)] * 7)))) == ["2xx", "3xx", "4xx", "5xx"]


def test_without_2xx_the_others_share_the_room() -> None:
    """Each gets an axis of its own, so that errors can be read as well as successes."""
    lines = text_of(chart_of(series_of([(900, 0, 60, 7)] * 14), height=20, hidden={0}))
    assert sum("0┼" in line for line in lines) == 2
    assert not any("2xx" in line for line in lines)


def test_errors_are_the_last_to_go() -> None:
    """In three rows, what an operator looks for."""
    series = series_of([(9, 9, 9, 9)] * 7)
    names = [[line[:3] for line in text_of(chart_of(series, height=rows))] for rows in (3, 2, 1)]
    assert names == [["2xx", "4xx", "5xx"], ["4xx", "5xx"], ["5xx"]]


def test_a_day_that_was_not_counted_is_no_zero() -> None:
    """It is marked in every lane, and no other day is."""
    chart = chart_of(series_of([QUIET_DAY] * 14, uncounted=3))
    for line in text_of(chart):
        marked = {chart.day_at(x) for x, cell in enumerate(line) if cell == UNCOUNTED}
        assert marked in (set(), {0, 1, 2})
        assert bool(marked) == (line[:3] in CLASSES)


def test_the_cursor_lights_the_whole_bar() -> None:
    """From top to bottom, every column of it and nothing else; the characters stay as they were."""
    chart = chart_of(series_of([(500, 0, 3, 1)] * 14))
    for y in range(chart.height - 1):
        line = chart.line(y, cursor=4)
        assert plain(line) == plain(chart.line(y))
        lit = [x for x, is_lit in enumerate(lit for span in line for lit in [span.lit] * len(span.text)) if is_lit]
        assert lit == list(chart.columns(4))
    assert not any(span.lit for span in chart.line(chart.height - 1, cursor=4))


def test_days_that_do_not_fit_are_a_window_around_the_cursor() -> None:
    """The edges say that there is more."""
    series = series_of([QUIET_DAY] * 90)
    newest = chart_of(series, 60)
    assert 89 in newest.days.shown
    assert "◂" in text_of(newest)[-1]
    assert "▸" not in text_of(newest)[-1]
    oldest = chart_of(series, 60, cursor=0)
    assert 0 in oldest.days.shown
    assert "▸" in text_of(oldest)[-1]
    assert "◂" not in text_of(oldest)[-1]
    assert not newest.columns(0)


@settings(max_examples=40, deadline=None)
@given(random_series(), st.integers(30, 220), st.integers(8, 50))
def test_lines_pass_through_each_day(series: Series, width: int, height: int) -> None:
    """To a quarter of a cell, which is a dot of braille."""
    chart = chart_of(series, width, height, bars=False)
    text = text_of(chart)
    for panel in chart.panels:
        if not panel.has_axis:
            continue
        for day in chart.days.shown:
            if not series.days[day].counted:
                continue
            bar = chart.days.bar(day)
            x, half = divmod(bar.start + bar.stop - 1, 2)
            bits = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))[half]
            dots = {
                row * 4 + up
                for row in range(panel.scale.rows)
                for up, bit in enumerate(bits)
                if "\u2800" <= (cell := text[panel.bottom - row][chart.left + x]) <= "\u28ff"
                and (ord(cell) - 0x2800) & bit
            }
            eighths = panel.scale.eighths(series.days[day].counts[panel.index])
            assert any(abs(dot - eighths / 2) <= 1 for dot in dots), (day, dots, eighths)


def test_each_class_has_its_style() -> None:
    """Who shows the chart gives each a colour; lanes tell them apart without one."""
    chart = chart_of(series_of([(5, 5, 5, 5)] * 7))
    styles = {span.style for line in chart.lines() for span in line}
    assert styles >= set(CLASS_STYLES)


def test_nothing_to_draw() -> None:
    """All classes hidden, and no day at all."""
    assert not any(line.strip() for line in text_of(chart_of(series_of([QUIET_DAY] * 7), hidden={0, 1, 2, 3}))[:-1])
    assert not any(line.strip() for line in text_of(chart_of(Series((), None))))
