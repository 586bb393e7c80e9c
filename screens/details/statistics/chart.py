"""The chart of responses by day as a widget. A move of the cursor repaints the two bars that it concerns.

Imported only when a chart is first shown: plotext is slow to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, cast

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.color import Color
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual_plotext import PlotextPlot
from textual_plotext.plot import Plot

from tokentui.screens.command import Place
from tokentui.screens.widgets.moved_by_keys import MovedByKeys
from tokentui.terminal.filter_chain import FilterChain
from tokentui.terminal.textual_internals import draw_at_once
from tokentui.ui.chart.chart import Chart
from tokentui.ui.chart.plot import Plotter
from tokentui.ui.chart.styled import Span, Style
from tokentui.usage.series import Series

_COLOURS_TOLD_APART = ("256", "truecolor")
_LIT_BLANK = "░"
"""Stands over the bar under the cursor where a background may not be told from another. Reversed, what is over the bar
would look like a bar."""


class _Plot(Plot):
    """A figure with the one function of the module `plotext` that textual-plotext's has not."""

    def limitsize(self, width: bool, height: bool) -> None:
        """Whether the figure is cut to the terminal of this process."""
        self._limit_size(width, height)  # type: ignore[attr-defined]  # textual-plotext inherits it untyped


class UsageChart(MovedByKeys, PlotextPlot, can_focus=True):
    """Bars by day, or a line, with a cursor on one day."""

    MOTIONS_OF = Place.STATISTICS
    COMPONENT_CLASSES: ClassVar[set[str]] = {*(f"usage-chart--{style}" for style in Style), "usage-chart--lit"}

    cursor: reactive[int] = reactive(0, repaint=False)
    """The index of the day under the cursor."""

    @dataclass
    class DayChosen(Message):
        """A click on a day."""

        index: int
        """Which day of the series."""

    def __init__(self, tab: Widget, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tab = tab
        self.set_reactive(PlotextPlot.theme, "clear")  # the colours are ours
        self._plot = _Plot()
        self._series: Series | None = None
        self._hidden: frozenset[int] = frozenset()
        self._bars = True
        self._drawn: Chart | None = None
        self._strips: dict[int, Strip] = {}
        self._lit: dict[tuple[int, int], Strip] = {}

    @property
    def mover(self) -> object:
        """The tab, which says the day in words too."""
        return self._tab

    def show(self, series: Series, *, hidden: frozenset[int], bars: bool, cursor: int) -> None:
        """Draws a series anew, without the classes in `hidden`, as bars or lines."""
        self._series, self._hidden, self._bars = series, hidden, bars
        self.set_reactive(UsageChart.cursor, cursor)
        self._forget()

    def notify_style_update(self) -> None:
        """Another theme has other colours: draws the chart again."""
        super().notify_style_update()
        self._forget()

    def on_resize(self) -> None:
        self._forget()

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaints the two bars, or draws anew where the day is outside the window."""
        if self._drawn is None:
            return
        if new not in self._drawn.days.shown:
            self._forget()
            return
        draw_at_once(self, *(self._region_of(day) for day in (old, new) if day in self._drawn.days.shown))

    def on_click(self, event: events.Click) -> None:
        """The day under the pointer."""
        day = self._drawn.day_at(event.x) if self._drawn is not None else None
        if day is not None:
            self.post_message(self.DayChosen(day))

    def render_lines(self, crop: Region) -> list[Strip]:
        """What a widget without a border, padding or opacity has to draw: Textual's own way takes every piece of a
        line through the filters again when the cursor goes over one."""
        chart, width = self._chart(), self.size.width
        if chart is None:
            strips = [Strip.blank(width, self.rich_style)] * crop.height
        else:
            colours = FilterChain(self.get_line_filters()), self.background_colors[1]
            strips = [self._line(chart, y, *colours) for y in crop.line_range]
        return strips if crop.width == width else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """A line of the widget, as the terminal gets it."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def _line(self, chart: Chart, y: int, filters: FilterChain, background: Color) -> Strip:
        """A line of the chart with the cursor's bar lit."""
        if y >= chart.height:
            return Strip(filters.apply([Segment(" " * self.size.width, self.rich_style)], background))
        if y not in self._strips:
            self._strips[y] = Strip(filters.apply(self._segments(chart.line(y)), background), chart.width)
        strip, day = self._strips[y], self.cursor
        columns = chart.columns(day)
        if not columns or y >= chart.bars_height:
            return strip
        if (y, day) not in self._lit:
            lit = Strip(filters.apply(self._segments(chart.lit(y, day)), background), len(columns))
            before, _, after = strip.divide([columns.start, columns.stop, strip.cell_length])
            self._lit[y, day] = Strip([*before, *lit, *after], strip.cell_length)
        return self._lit[y, day]

    def _forget(self) -> None:
        self._drawn = None
        self._strips.clear()
        self._lit.clear()
        self.refresh()

    def _chart(self) -> Chart | None:
        if self._drawn is None and self._series is not None:
            self._drawn = Chart(
                self._series,
                width=self.size.width,
                height=self.size.height,
                plotter=cast(Plotter, self._plot),
                hidden=self._hidden,
                bars=self._bars,
                cursor=self.cursor,
            )
        return self._drawn

    def _region_of(self, day: int) -> Region:
        assert self._drawn is not None
        columns = self._drawn.columns(day)
        return Region(columns.start, 0, len(columns), self._drawn.bars_height)

    def _segments(self, line: tuple[Span, ...]) -> list[Segment]:
        return [Segment(self._text(span), self._style(span)) for span in line]

    def _text(self, span: Span) -> str:
        return span.text.replace(" ", _LIT_BLANK) if span.lit and not self._has_colours else span.text

    @property
    def _has_colours(self) -> bool:
        return not self.app.no_color and self.app.console.color_system in _COLOURS_TOLD_APART

    def _style(self, span: Span) -> RichStyle:
        style = self.get_component_rich_style(f"usage-chart--{span.style}")
        if not span.lit:
            return style
        if not self._has_colours:
            return style + RichStyle(color="default", bold=True)
        return style + self.get_component_rich_style("usage-chart--lit")
