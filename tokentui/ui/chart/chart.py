"""The chart of responses by day: drawn once, and shown with the cursor on any day."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tokentui.ui import wording
from tokentui.ui.chart.days import place_days
from tokentui.ui.chart.panels import Panel, place_panels
from tokentui.ui.chart.plot import Plotter, plot_cells, plot_lines
from tokentui.ui.chart.scale import EIGHTHS
from tokentui.ui.chart.styled import CLASS_STYLES, Line, Span, Style

if TYPE_CHECKING:
    from tokentui.usage.series import Series

CLASSES = ("2xx", "3xx", "4xx", "5xx")
UNCOUNTED = "·"
"""Stands at the foot of a day that was not counted, where a day without responses has nothing."""

_LEAST_WIDTH_WITH_MAXIMA = 30
_LEAST_HEIGHT_WITH_DATES = 4


class Chart:
    """Responses by day in `width` x `height` cells, without the classes (0 to 3) in `hidden`.

    2xx has an axis and most of the room; 3xx, 4xx and 5xx have lanes below, each with its own scale and its maximum.
    Where the days do not fit, those around `cursor` (an index of `series.days`) are shown.
    """

    def __init__(
        self,
        series: Series,
        *,
        width: int,
        height: int,
        plotter: Plotter,
        hidden: Collection[int] = (),
        bars: bool = True,
        cursor: int | None = None,
    ) -> None:
        self._series = series
        self._plotter = plotter
        self._bars = bars
        self.width, self.height = max(0, width), max(0, height)
        self._has_dates = self.height >= _LEAST_HEIGHT_WITH_DATES
        highest = [max((day.counts[index] for day in series.days), default=0) for index in range(4)]
        self.panels = place_panels(highest, hidden, self.height - self._has_dates)
        notes = [len(_maximum(panel)) + 2 for panel in self.panels] if width >= _LEAST_WIDTH_WITH_MAXIMA else []
        self.left = 1 + max((len(label) for panel in self.panels for label in _labels(panel)), default=3)
        self._right = max(notes, default=0)
        last = len(series.days) - 1
        self.days = place_days(
            [day.date for day in series.days],
            self.width - self.left - self._right,
            last if cursor is None else cursor,
        )
        self._cells = [[" "] * self.width for _ in range(self.height)]
        self._styles = [[Style.TEXT] * self.width for _ in range(self.height)]
        if self.width > self.left + self._right and series.days:
            self._draw()

    @property
    def bars_height(self) -> int:
        """The lines that the cursor lights: all but the dates."""
        return self.height - self._has_dates

    def line(self, y: int, *, cursor: int | None = None) -> Line:
        """One line from the top, exactly `width` cells, with the bar of the day `cursor` lit from top to bottom."""
        lit = self.columns(cursor) if cursor is not None and y < self.bars_height else range(0)
        return self._spans(y, range(self.width), lit)

    def lit(self, y: int, day: int) -> Line:
        """The cells of a day's bar in one line, lit."""
        columns = self.columns(day)
        return self._spans(y, columns, columns)

    def lines(self, *, cursor: int | None = None) -> list[Line]:
        """All lines from the top."""
        return [self.line(y, cursor=cursor) for y in range(self.height)]

    def columns(self, day: int) -> range:
        """The columns of a day's bar, counted from the chart's left edge; none for a day that is not shown."""
        if day not in self.days.shown:
            return range(0)
        bar = self.days.bar(day)
        return range(self.left + bar.start, self.left + bar.stop)

    def day_at(self, x: int) -> int | None:
        """The day (an index of `series.days`) in a column of the chart."""
        return self.days.day_at(x - self.left)

    def _spans(self, y: int, columns: range, lit: range) -> Line:
        spans, x = [], columns.start
        for (style, is_lit), group in groupby((self._styles[y][x], x in lit) for x in columns):
            length = sum(1 for _ in group)
            spans.append(Span("".join(self._cells[y][x : x + length]), style, is_lit))
            x += length
        return tuple(spans)

    def _draw(self) -> None:
        for panel in self.panels:
            if panel.has_axis:
                self._draw_axis(panel)
            if self._bars or not panel.has_axis:
                self._draw_bars(panel)
            for day in self.days.shown:
                if not self._series.days[day].counted:
                    bar = self.columns(day)
                    self._write(bar.start, panel.bottom, UNCOUNTED * len(bar), Style.MUTED)
            style = CLASS_STYLES[panel.index]
            self._write(0, panel.bottom, CLASSES[panel.index].rjust(self.left - 1), style)
            self._write(self.left - 1, panel.bottom, "│", Style.AXIS)
            if self._right:
                note = _maximum(panel).rjust(self._right)
                self._write(self.width - self._right, panel.bottom, note, Style.MUTED)
        if self._has_dates:
            self._draw_dates()

    def _draw_axis(self, panel: Panel) -> None:
        """What plotext draws: the axes, and full cells or a line."""
        rows = panel.scale.rows
        marks = [(row, _number(number, panel).rjust(self.left - 1)) for row, number in panel.scale.marks()]
        ticks = [self.days.centre(day) for day in self.days.dated]
        width = self.days.width
        if self._bars:
            cells = [
                (x, row)
                for day in self.days.shown
                for row in range(self._eighths(panel, day) // 8)
                for x in self.days.bar(day)
            ]
            text = plot_cells(self._plotter, cells, width=width, rows=rows, marks=marks, ticks=ticks)
        else:
            text = plot_lines(self._plotter, self._dots(panel), width=width, rows=rows, marks=marks, ticks=ticks)
        for y, line in enumerate(text, panel.top):
            self._write(0, y, line[: self.left], Style.AXIS)
            is_axis = y > panel.bottom
            style = Style.AXIS if is_axis else CLASS_STYLES[panel.index]
            self._write(self.left, y, line[self.left : self.left + width], style)
            if is_axis:
                self._write(0, y, "0┼".rjust(self.left), Style.AXIS)

    def _draw_bars(self, panel: Panel) -> None:
        """Whole bars in a lane; over an axis, the eighths at their tops, as the rest is there."""
        style = CLASS_STYLES[panel.index]
        for day in self.days.shown:
            full, part = divmod(self._eighths(panel, day), 8)
            bar = self.columns(day)
            for row in range(0 if not panel.has_axis else full, full):
                self._write(bar.start, panel.bottom - row, EIGHTHS[8] * len(bar), style)
            if part:
                self._write(bar.start, panel.bottom - full, EIGHTHS[part] * len(bar), style)

    def _dots(self, panel: Panel) -> list[list[tuple[int, int]]]:
        """A line through each run of days that were counted: at the very bottom only where there was nothing."""
        top = panel.scale.rows * 4 - 1
        lines: list[list[tuple[int, int]]] = [[]]
        for day in self.days.shown:
            if not self._series.days[day].counted:
                lines.append([])
                continue
            eighths = self._eighths(panel, day)
            bar = self.days.bar(day)
            lines[-1].append((bar.start + bar.stop - 1, min(top, max(1, round(eighths / 2))) if eighths else 0))
        return lines

    def _draw_dates(self) -> None:
        y = self.height - 1
        for day in self.days.dated:
            label, bar = wording.day_month(self._series.days[day].date), self.days.bar(day)
            middle = (len(bar) - len(label)) // 2 if len(bar) > len(label) else 0
            start = min(self.left + bar.start + middle, self.width - len(label))
            if start >= self.left:
                self._write(start, y, label, Style.AXIS)
        if self.days.shown.start > 0:
            self._write(self.left - 1, y, "◂", Style.STRONG)
        if self.days.shown.stop < len(self._series.days):
            self._write(min(self.left + self.days.width, self.width - 1), y, "▸", Style.STRONG)

    def _eighths(self, panel: Panel, day: int) -> int:
        return panel.scale.eighths(self._series.days[day].counts[panel.index])

    def _write(self, x: int, y: int, text: str, style: Style) -> None:
        text = text[: self.width - x]
        self._cells[y][x : x + len(text)] = text
        self._styles[y][x : x + len(text)] = [style] * len(text)


def _labels(panel: Panel) -> Iterator[str]:
    yield CLASSES[panel.index]
    for _, number in panel.scale.marks():
        yield _number(number, panel)


def _number(number: int, panel: Panel) -> str:
    """A mark's number, in thousands or millions where all marks are whole ones."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if panel.scale.mark_step % unit == 0 and panel.scale.top * panel.scale.rows >= 10 * unit:
            return f"{wording.thousands(number // unit)}{letter}"
    return wording.thousands(number)


def _maximum(panel: Panel) -> str:
    return f"max {wording.thousands(panel.highest)}" if panel.highest else "none"
