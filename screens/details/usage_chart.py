"""The chart of responses by day, drawn by plotext once; the day cursor is laid over the lines that were kept.

A redraw by plotext costs some tens of milliseconds and the whole chart on the line; a move of the cursor must not.
Imported only when a chart is first shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual_plotext import PlotextPlot

from tokentui.screens.details import chart_cells
from tokentui.screens.details.chart_cells import POINTS, UNCOUNTED, Frame
from tokentui.ui import wording
from tokentui.usage.series import Day, Series

CLASS_STYLES = ("success", "redirection", "client-error", "server-error")
# Numbers of plotext's colours, which stand for the parts of the chart until they get the theme's.
_AXIS, _UNCOUNTED = 7, 5
_PARTS = {1: "success", 2: "redirection", 3: "client-error", 4: "server-error", _AXIS: "axis", _UNCOUNTED: "axis"}
_CURSOR = "▲"


class UsageChart(PlotextPlot, can_focus=True):
    """Bars stacked by day, or a line for each class, with a cursor on one day."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"usage-chart--{part}" for part in (*CLASS_STYLES, "axis", "cursor")),
    }

    cursor: reactive[int] = reactive(0, repaint=False)
    """The index of the day under the cursor."""

    @dataclass
    class DayChosen(Message):
        """A click on a day."""

        index: int
        """Which day of the series."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        # Not plotext's own colours: those of the theme are put on afterwards.
        self.set_reactive(PlotextPlot.theme, "textual-clear")
        self._series: Series | None = None
        self._hidden: frozenset[int] = frozenset()
        self._bars = True
        self._frame: Frame | None = None
        self._margin = 0
        self._lines: list[Strip] | None = None

    def show(self, series: Series, *, hidden: frozenset[int], bars: bool, cursor: int) -> None:
        """Draws a series anew, without the classes in `hidden`, as bars or lines."""
        self._series, self._hidden, self._bars = series, hidden, bars
        self.set_reactive(UsageChart.cursor, cursor)
        self._forget()

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._forget()

    def on_resize(self) -> None:
        """Another room."""
        self._forget()

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaints the axis under the two days, or draws anew where the day is outside the window."""
        if self._frame is None or self._series is None:
            return
        if not self._frame.first <= new < self._frame.first + self._frame.shown:
            self._forget()
            return
        self.refresh(*(region for day in (old, new) if (region := self._region_of(day))))

    def on_click(self, event: events.Click) -> None:
        """The day under the pointer."""
        if self._frame is not None:
            day = self._frame.day_at(event.x - self._margin)
            if day is not None:
                self.post_message(self.DayChosen(day))

    def render_line(self, y: int) -> Strip:
        """A line of the plot, with the cursor over it."""
        if self._lines is None:
            self._lines = self._draw()
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._lines[y]
        region = self._region_of(self.cursor)
        if region is None or y != region.y:
            return strip
        before, _, after = strip.divide([region.x, region.right, strip.cell_length])
        marker = self.get_component_rich_style("usage-chart--cursor")
        return Strip.join([before, Strip([Segment(_CURSOR.center(region.width, "━"), marker)]), after])

    def _forget(self) -> None:
        self._lines = None
        self.refresh()

    def _region_of(self, day: int) -> Region | None:
        """The cells of the axis under a day; None where it is outside the window.

        Not the whole column: Textual repaints a line from its left edge to the end of what changed, which made a move
        of the cursor as dear as the plot (37 kB, and 1 kB on the axis alone).
        """
        frame = self._frame
        if frame is None or not frame.first <= day < frame.first + frame.shown:
            return None
        return Region(self._margin + frame.column(day), self.size.height - 2, frame.bar, 1)

    def _draw(self) -> list[Strip]:
        """Lets plotext draw, then puts the theme's colours on."""
        width, height = self.size
        self._frame = None
        if self._series is None or width < 8 or height < 4:
            return []
        frame = self._fit(width, height)
        self._frame = frame
        plot_width = self._margin + frame.columns
        plot = self.plt
        plot.clear_figure()
        plot.plotsize(plot_width, height)
        plot._set_size(plot_width, height)  # plotsize alone leaves a plot of another size as it was
        plot.theme(self.theme)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        plot.ticks_color(_AXIS)
        self._scatter([0], [0], [" "], [_AXIS])  # without data plotext draws no axes
        if self._bars:
            self._draw_bars(frame)
        else:
            self._draw_lines(frame)
        plot.xlim(0, max(1, frame.columns - 1))
        plot.ylim(0, max(1, frame.rows - 1))
        labels = [wording.thousands(mark).rjust(self._margin - 1) for mark in frame.marks()]
        plot.yticks([frame.row(mark) for mark in frame.marks()], labels)
        marks = chart_cells.ticks(self._series.days, frame)
        plot.xticks([column for column, _ in marks], [label for _, label in marks])
        lines = Text.from_ansi(plot.build()).split()
        return [self._coloured(line, zero=y == height - 2) for y, line in enumerate(lines[:height])]

    def _fit(self, width: int, height: int) -> Frame:
        """The frame beside the labels of the axis, whose width depends on the frame."""
        assert self._series is not None
        self._margin = 2
        for _ in range(2):
            frame = chart_cells.frame(
                self._series.days,
                self._hidden,
                columns=width - self._margin,
                rows=height - 2,
                cursor=self.cursor,
                stacked=self._bars,
            )
            self._margin = len(wording.thousands(frame.top)) + 1
        return frame

    def _draw_bars(self, frame: Frame) -> None:
        xs: list[int] = []
        ys: list[int] = []
        markers: list[str] = []
        colors: list[int] = []
        for day, left in self._shown(frame):
            cells = chart_cells.column(chart_cells.visible(day.counts, self._hidden), frame)
            for row, (owner, glyph) in enumerate(cells):
                for x in range(left, left + frame.bar):
                    xs.append(x)
                    ys.append(row)
                    markers.append(glyph)
                    colors.append(owner + 1)
        self._scatter(xs, ys, markers, colors)
        self._draw_uncounted(frame)

    def _draw_lines(self, frame: Frame) -> None:
        assert self._series is not None
        height = max(1, frame.rows - 1)
        self._draw_uncounted(frame)
        for index in range(len(POINTS)):
            counted = [(day, left) for day, left in self._shown(frame) if day.counted]
            if index in self._hidden or not counted or not self._series.totals[index]:
                continue
            xs = [left + (frame.bar - 1) // 2 for _, left in counted]
            ys = [day.counts[index] / frame.top * height for day, _ in counted]
            self.plt.plot(xs, ys, marker="braille", color=index + 1)
            if frame.slot > 1:
                self._scatter(xs, ys, [POINTS[index]] * len(xs), [index + 1] * len(xs))

    def _draw_uncounted(self, frame: Frame) -> None:
        xs = [x for day, left in self._shown(frame) if not day.counted for x in range(left, left + frame.bar)]
        self._scatter(xs, [0] * len(xs), [UNCOUNTED] * len(xs), [_UNCOUNTED] * len(xs))

    def _scatter(self, xs: list[int], ys: list[int] | list[float], markers: list[str], colors: list[int]) -> None:
        plot: Any = self.plt  # whose stubs know no list of markers
        if xs:
            plot.scatter(xs, ys, marker=markers, color=colors)

    def _shown(self, frame: Frame) -> list[tuple[Day, int]]:
        """The days of the window, each with its first column."""
        assert self._series is not None
        days = self._series.days[frame.first : frame.first + frame.shown]
        return [(day, frame.column(frame.first + place)) for place, day in enumerate(days)]

    def _coloured(self, line: Text, *, zero: bool) -> Strip:
        """A line of plotext's with the theme's colours.

        `zero` is the axis: its corner becomes the zero, its ends say where days lie outside the window.
        """
        base = self.rich_style
        styles = {number: self.get_component_rich_style(f"usage-chart--{part}") for number, part in _PARTS.items()}
        segments = []
        for segment in line.render(self.app.console):
            number = segment.style.color.number if segment.style and segment.style.color else None
            segments.append(Segment(segment.text, base + styles[number] if number in styles else base))
        strip = Strip(segments)
        if zero and self._frame is not None and self._series is not None:
            frame, axis = self._frame, base + styles[_AXIS]
            corner = Segment(("0◂" if frame.first else "0┼").rjust(self._margin), axis)
            strip = Strip.join([Strip([corner]), strip.crop(self._margin)])
            if frame.first + frame.shown < len(self._series.days):
                strip = Strip.join([strip.crop(0, self._margin + frame.columns - 1), Strip([Segment("▸", axis)])])
        return strip.adjust_cell_length(self.size.width, base)
