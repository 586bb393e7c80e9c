"""The words around the chart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.chart.series_of_days import random_series, series_of
from tokentui.ui.chart import text
from tokentui.ui.chart.styled import Line, plain, width_of
from tokentui.usage.series import ClassCounts, Day, Series

WEEK: list[ClassCounts] = [(441, 0, 43, 57), (900, 2, 0, 0), (5, 0, 1, 0), *[(0, 0, 0, 0)] * 4]


def read(line: Line) -> str:
    return plain(line).replace("\u202f", " ")


def boxed(series: Series, height: int) -> list[str]:
    return [read(figure.line) for figure in text.figures_box(series, (), height)]


def test_heading() -> None:
    """How many, how many a day, and how many of them were errors."""
    assert read(text.heading(series_of(WEEK))) == "Responses, 7 days   1 449 · 207 a day · 7.0 % errors"
    assert read(text.heading(series_of([(1, 0, 0, 0)]))) == "Responses, 1 day   1 · 1 a day · 0.0 % errors"
    assert read(text.heading(series_of([(0, 0, 0, 0)] * 9))) == "Responses, 9 days   0 · 0 a day"
    assert "<1 a day" in read(text.heading(series_of([(1, 0, 0, 0), *[(0, 0, 0, 0)] * 9])))


def test_figures_say_what_the_classes_mean_where_there_is_room() -> None:
    """Below it, the sums alone; the busiest day and the worst one stay."""
    tall = boxed(series_of(WEEK), 20)
    assert tall[0] == "2xx Success       1 346   92.9 %"
    assert "needs another step" in tall[3]
    assert tall[-2:] == ["busiest 19 Nov  902", "worst   18 Nov  57 × 5xx"]
    low = boxed(series_of(WEEK), 6)
    assert len(low) == 6
    assert low[-2:] == tall[-2:]


def test_the_worst_day_without_a_5xx_is_that_of_4xx() -> None:
    """And where there was no error, no day is called the worst."""
    assert boxed(series_of([(9, 0, 4, 0)]), 20)[-1] == "worst   24 Nov  4 × 4xx"
    assert boxed(series_of([(9, 0, 0, 0)]), 20)[-1] == "busiest 24 Nov  9"
    assert not any("busiest" in line for line in boxed(series_of([(0, 0, 0, 0)]), 20))


def test_a_hidden_class_says_how_to_show_it() -> None:
    """By the key that hid it."""
    figures = text.figures_box(series_of(WEEK), {2}, 6)
    assert "hidden  4 shows it" in read(figures[2].line)
    assert [figure.index for figure in figures[:4]] == [0, 1, 2, 3]


def test_the_day_under_the_cursor() -> None:
    """Every class, the sum, and its errors in per cent."""
    day = series_of(WEEK).days[0]
    assert read(text.readout(day, today=False, width=100)) == (
        "Wed 18 Nov 2026  2xx 441  3xx 0  4xx 43  5xx 57  total 541  18.5 % errors"
    )
    assert read(text.readout(day, today=True, width=70)) == (
        "Wed 18 Nov 2026 (today)  2xx 441  3xx 0  4xx 43  5xx 57  18.5 % errors"
    )
    assert read(text.readout(day, today=True, width=40)) == "18 Nov (today)  2xx 441  4xx 43  5xx 57"
    many = Day(day.date, (1_000, 1_000_000, 1_000_000, 1_000_000), counted=True)
    assert read(text.readout(many, today=True, width=60)) == "18 Nov  total 3 001 000  66.6 % errors"
    assert "not counted" in read(text.readout(Day(day.date, (0, 0, 0, 0), counted=False), today=False, width=80))


@given(random_series(), st.integers(60, 200))
def test_what_is_written_fits(series: Series, width: int) -> None:
    """Readout and figures stay within the width."""
    assert width_of(text.readout(series.days[-1], today=True, width=width)) <= max(width, 60)
    for row in text.figures_rows(series, (), width):
        assert width_of(row) <= width


@pytest.mark.parametrize(("days", "width", "beside"), [(30, 99, False), (30, 120, True), (90, 120, False)])
def test_figures_stand_beside_the_chart_where_no_day_is_hidden_by_them(days: int, width: int, beside: bool) -> None:
    """90 days need the width of 120 columns for themselves."""
    series = series_of([(500, 3, 20, 1)] * days)
    assert text.is_beside(series, text.figures_box(series, (), 16), width) is beside
