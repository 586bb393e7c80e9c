"""The Statistics tab: responses by day, as a chart or a table, with a cursor on one day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from tokentui.context import Context
from tokentui.screens.base import Failure
from tokentui.screens.command import Place
from tokentui.screens.commands import bindings
from tokentui.screens.csv_export import export_csv
from tokentui.screens.details.statistics.content import content_of
from tokentui.screens.details.statistics.table import DayTable
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.widgets.flow import Flow
from tokentui.ui import wording
from tokentui.ui.chart import text
from tokentui.usage import reports
from tokentui.usage.series import Series, csv_text

if TYPE_CHECKING:
    from tokentui.screens.details.statistics.chart import UsageChart

RANGES = (7, 14, 30, 90)
_LINES_AROUND = 4
"""Heading, readout, keys, and a line of air."""

_LEAST_HEIGHT_FOR_WORDS = 12
_LEAST_HEIGHT_FOR_DAYS = 16
"""Lower, the chart has the lines of the figures and keys, and of the busiest and the worst day."""

_NO_RESPONSES = """\
No response was recorded yet.

Responses are counted by the middleware in your API, or from the access
log of the proxy in front of it (`tokentui serve --access-log`).

The first one shows here within seconds. `tokentui doctor` tries the way."""


class StatisticsTab(DetailsTab):
    """Reads a series when it is looked at, and keeps range, classes and day when the token changes."""

    BINDINGS = [*bindings(Place.STATISTICS)]

    def __init__(self) -> None:
        super().__init__("Statistics", id="statistics")
        self.days = 30
        self.hidden: frozenset[int] = frozenset()
        self.bars = True
        self.day: date | None = None
        self.series: Series | None = None
        self._details: Details | None = None
        self._chart: UsageChart | None = None
        self._active = False
        self._figures_width = 0

    def compose(self) -> ComposeResult:
        """Heading, figures, chart or table, the day under the cursor, keys."""
        with Horizontal(id="stats-head"):
            yield Static("", id="stats-heading")
            yield Flow(id="stats-ranges", gap=1)
        with Vertical(id="stats-plot"):
            yield Flow(id="stats-figures")
            yield DayTable(id="stats-table", cursor_type="row", zebra_stripes=True)
        yield Static(_NO_RESPONSES, id="stats-empty", markup=False)
        yield Static("", id="stats-readout")
        with Horizontal(id="stats-foot"):
            yield Flow(id="stats-keys", gap=2)
            yield Static("", id="stats-since", markup=False)

    def on_mount(self) -> None:
        self.query_one(DayTable).display = False

    def on_resize(self) -> None:
        """Figures, readout and table fit the width."""
        self._draw_words()

    # Reading

    def show(self, details: Details) -> None:
        """Another token, or the same one changed."""
        if self._details is not None and self._details.token.id != details.token.id:
            self.series = None
        self._details = details
        if self._active:
            self._load()

    def opened(self) -> None:
        """Makes the chart where there is none yet."""
        self._active = True
        if self._chart is None:
            from tokentui.screens.details.statistics.chart import UsageChart  # plotext is imported here, and not before

            self._chart = UsageChart(self, id="stats-chart")
            self._chart.display = not self.query_one(DayTable).display
            self.query_one("#stats-plot").mount(self._chart)
        self._focus()
        self._load()

    def closed(self) -> None:
        """Nothing is read any longer."""
        self._active = False

    def _load(self) -> None:
        if self._details is None:
            return
        token_id, days = self._details.token.id, self.days

        def service(context: Context) -> tuple[Series, bool]:
            return reports.daily(context, token_id, days=days), reports.has_any(context, token_id)

        self.host.read("statistics", service, self._show_series, self._failed)

    def _failed(self, error: Failure) -> None:
        self.query_one("#stats-readout", Static).update(
            f"{error.message}. {self.host.keys.first('app.refresh')} tries again.", layout=False
        )

    def _show_series(self, read: tuple[Series, bool]) -> None:
        series, any_response = read
        was_empty = self.has_class("-empty")
        self.set_class(not any_response, "-empty")
        if was_empty and any_response and self._active:
            self._focus()
        if series == self.series:
            return
        self.series = series
        self._draw()

    # Showing

    def _draw(self) -> None:
        """Everything anew: another series, range, class or kind of chart."""
        if self.series is None or self._chart is None:
            return
        self._draw_words()
        self._chart.show(self.series, hidden=self.hidden, bars=self.bars, cursor=self.cursor)

    def _draw_words(self) -> None:
        """What stands around the chart, and the table."""
        if self.series is None:
            return
        self.query_one("#stats-heading", Static).update(content_of(text.heading(self.series)))
        self.query_one("#stats-ranges", Flow).show([(str(days), _range(days, self.days)) for days in RANGES])
        self._show_figures(self.series)
        if self.query_one(DayTable).display:
            self._fill_table(self.series)
        self._show_keys(self.series)
        self._show_day()

    def _show_figures(self, series: Series) -> None:
        """Beside the chart where that leaves it room, above it otherwise."""
        flow = self.query_one("#stats-figures", Flow)
        box = text.figures_box(series, self.hidden, self.size.height - _LINES_AROUND)
        beside = text.is_beside(series, box, self.size.width)
        days = text.day_figures(series) if self.size.height >= _LEAST_HEIGHT_FOR_DAYS else []
        figures = box if beside else [*text.class_figures(series, self.hidden, named=False), *days]
        self._figures_width = text.box_width(box) if beside else 0
        flow.styles.width = self._figures_width or "1fr"
        self.set_class(beside, "-beside")
        self.set_class(self.size.height < _LEAST_HEIGHT_FOR_WORDS, "-short")
        flow.show(
            [("" if figure.index is None else str(figure.index + 2), content_of(figure.line)) for figure in figures],
            stacked=beside,
        )

    def _fill_table(self, series: Series) -> None:
        self.query_one(DayTable).show(series, cursor=self.cursor, width=self.size.width - self._figures_width)

    def _show_keys(self, series: Series) -> None:
        """The keys, and since when responses are counted: at the right edge where there is room."""
        keys, since = self._keys(), self._since(series)
        room = self.size.width - sum(len(key) + 2 for key in keys)
        is_apart = len(since) <= room
        self.query_one("#stats-since", Static).update(since if is_apart else "")
        items = keys if is_apart else [*keys, since]
        self.query_one("#stats-keys", Flow).show([("", Content(item)) for item in items])

    def _since(self, series: Series) -> str:
        since = series.counting_since
        return "not counted yet" if since is None else f"counting since {wording.day_text(since, self.context.zone)}"

    def _keys(self) -> list[str]:
        def key(*names: str) -> str:
            return " ".join(self.host.keys.shown(f"statistics.{name}") for name in names)

        return [
            f"{key('previous_day', 'next_day')} day",
            f"{key('longer', 'shorter')} range",
            f"{key('toggle_2xx', 'toggle_3xx', 'toggle_4xx', 'toggle_5xx')} classes",
            f"{key('lines')} {'lines' if self.bars else 'bars'}",
            f"{key('table')} {'chart' if self.query_one(DayTable).display else 'table'}",
            f"{key('csv')} CSV",
        ]

    # The day under the cursor

    @property
    def cursor(self) -> int:
        """The index of the day under the cursor: today until it is moved, and the same date in every range."""
        if self.series is None:
            return 0
        dates = [day.date for day in self.series.days]
        return dates.index(self.day) if self.day in dates else len(dates) - 1

    def _move_to(self, index: int) -> None:
        """Moves the cursor alone: the plot is not drawn again."""
        if self.series is None or self._chart is None:
            return
        index = max(0, min(len(self.series.days) - 1, index))
        self.day = self.series.days[index].date
        self._chart.cursor = index
        table = self.query_one(DayTable)
        if table.display:
            with table.prevent(DataTable.RowHighlighted):
                table.move_cursor(row=index, animate=False)
        self._show_day()

    def _show_day(self) -> None:
        if self.series is not None and self.series.days:
            day = self.series.days[self.cursor]
            last = self.cursor == len(self.series.days) - 1
            line = text.readout(day, today=last, width=self.size.width)
            self.query_one("#stats-readout", Static).update(content_of(line), layout=False)

    @on(DataTable.RowHighlighted)
    def follow_table(self, event: DataTable.RowHighlighted) -> None:
        """The table's cursor is the day's."""
        event.stop()
        self._move_to(event.cursor_row)

    def on_usage_chart_day_chosen(self, event: UsageChart.DayChosen) -> None:
        """A click on the chart."""
        event.stop()
        self._move_to(event.index)

    def action_previous_day(self) -> None:
        self._move_to(self.cursor - 1)

    def action_next_day(self) -> None:
        self._move_to(self.cursor + 1)

    def action_first_day(self) -> None:
        """The oldest day of the range."""
        self._move_to(0)

    def action_last_day(self) -> None:
        """Moves the cursor to today."""
        self._move_to(len(self.series.days) - 1 if self.series else 0)

    # What is shown

    def action_longer(self) -> None:
        """The next longer range."""
        self._set_range(min(len(RANGES) - 1, RANGES.index(self.days) + 1))

    def action_shorter(self) -> None:
        """The next shorter range."""
        self._set_range(max(0, RANGES.index(self.days) - 1))

    def _set_range(self, place: int) -> None:
        if RANGES[place] != self.days:
            self.days = RANGES[place]
            self._load()

    def action_toggle_class(self, digit: int) -> None:
        """Shows or hides 2xx, 3xx, 4xx or 5xx."""
        self.hidden ^= {digit - 2}
        self._draw()

    @on(Flow.Chosen, "#stats-figures")
    def toggle_clicked(self, event: Flow.Chosen) -> None:
        """A click on the figures of a class."""
        if event.key:
            self.action_toggle_class(int(event.key))

    @on(Flow.Chosen, "#stats-ranges")
    def range_clicked(self, event: Flow.Chosen) -> None:
        """A click on a range."""
        self._set_range(RANGES.index(int(event.key)))

    def action_toggle_lines(self) -> None:
        """Draws bars where lines stood, or lines where bars stood."""
        self.bars = not self.bars
        self._draw()

    def action_toggle_table(self) -> None:
        """The table, or the chart."""
        table = self.query_one(DayTable)
        table.display = not table.display
        if self._chart is not None:
            self._chart.display = not table.display
        self._draw_words()
        self._focus()

    def _focus(self) -> None:
        table = self.query_one(DayTable)
        if table.display:
            self.screen.set_focus(table)
        elif self._chart is not None:
            self.screen.set_focus(self._chart)

    @work
    async def action_export_csv(self) -> None:
        """Asks for a file and writes the days into it."""
        if self.series is None or self._details is None:
            return
        series = self.series
        name = f"{self._details.token.label}-{series.days[-1].date.isoformat()}-{self.days}d.csv"
        lines = csv_text(series).splitlines(keepends=True)
        await export_csv(self.host, "Write the days as CSV", name, lambda _: lines, "days")


def _range(days: int, chosen: int) -> Content:
    """A range as it stands in the heading: the chosen one between dots."""
    if days == chosen:
        return Content.styled(f"·{days}·", "bold")
    return Content.styled(f" {days} ", "$text-muted")
