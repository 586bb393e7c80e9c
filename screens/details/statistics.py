"""The Statistics tab: responses by day, as a chart or a table, with a cursor on one day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.screens.base import Failure
from tokentui.screens.command import Place
from tokentui.screens.commands import binding, bindings
from tokentui.screens.details.chart_cells import FILLS, POINTS
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.dialogs import Prompt
from tokentui.screens.widgets.flow import Flow
from tokentui.ui import wording
from tokentui.ui.files import named, new_file, write_new
from tokentui.usage import reports
from tokentui.usage.series import CLASSES, Day, Series, csv_text

if TYPE_CHECKING:
    from tokentui.screens.details.usage_chart import UsageChart

RANGES = (7, 14, 30, 90)
_NAMES = ("Success", "Redirection", "Client error", "Server error")
_STYLES = ("$success", "$primary", "$warning", "$error")
_NO_RESPONSES = """\
No response was recorded yet.

Responses are counted by the middleware in your API, or from the access
log of the proxy in front of it (`tokentui serve --access-log`).

The first one shows here within seconds. `tokentui doctor` tries the way."""


class DayTable(DataTable[Text], inherit_bindings=False):
    """The days as rows; ← → Home End are the tab's, as on the chart."""

    BINDINGS = [
        binding("tokens.up"),
        binding("tokens.down"),
        binding("tokens.page_up"),
        binding("tokens.page_down"),
    ]


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

    def compose(self) -> ComposeResult:
        """Head, legend, chart or table, the day under the cursor, keys."""
        with Horizontal(id="stats-head"):
            yield Static("", id="stats-title", markup=False)
            yield Static("", id="stats-rates", markup=False)
        yield Flow(id="stats-legend")
        with Vertical(id="stats-plot"):
            yield DayTable(id="stats-table", cursor_type="row", zebra_stripes=True)
        yield Static(_NO_RESPONSES, id="stats-empty", markup=False)
        yield Static("", id="stats-readout", markup=False)
        yield Flow(id="stats-keys")

    def on_mount(self) -> None:
        """The table's columns."""
        table = self.query_one(DayTable)
        table.display = False
        for title in ("Day", *CLASSES, "Total"):
            table.add_column(
                Text(title, justify="left" if title == "Day" else "right"), width=15 if title == "Day" else 9
            )

    def on_resize(self) -> None:
        """A narrow legend has no words."""
        if self.series is not None:
            self._show_legend()

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
            from tokentui.screens.details.usage_chart import UsageChart  # plotext is imported here, and not before

            self._chart = UsageChart(id="stats-chart")
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
        """Everything anew: another series, range, class or way of drawing."""
        if self.series is None or self._chart is None:
            return
        self.query_one("#stats-title", Static).update(f"Responses, last {self.days} days")
        self.query_one("#stats-rates", Static).update(self._rates(self.series))
        self._show_legend()
        self._chart.show(self.series, hidden=self.hidden, bars=self.bars, cursor=self.cursor)
        self._fill_table(self.series)
        self.query_one("#stats-keys", Flow).show([("", Content(text)) for text in self._keys(self.series)])
        self._show_day()

    def _rates(self, series: Series) -> str:
        mean = wording.thousands(round(series.a_day))
        return f"{wording.percent(series.error_rate)} errors · {mean} a day"

    def _show_legend(self) -> None:
        assert self.series is not None
        shapes = FILLS if self.bars else POINTS
        names = ("", "", "", "") if self.screen.has_class("-narrow") else _NAMES
        items = []
        for index, name in enumerate(names):
            text = f"{CLASSES[index]} {name}".rstrip()
            if index in self.hidden:
                items.append((str(index + 2), Content.styled(f"- {text} hidden", "$text-muted")))
            else:
                number = wording.thousands(self.series.totals[index])
                items.append(
                    (str(index + 2), Content.assemble((shapes[index], _STYLES[index]), f" {text} ", (number, "bold")))
                )
        wide = self.screen.has_class("-wide")
        if wide:
            items += [("", Content(text)) for text in _sums(self.series)]
        self.query_one("#stats-legend", Flow).show(items, stacked=wide)

    def _fill_table(self, series: Series) -> None:
        table = self.query_one(DayTable)
        with self.prevent(DataTable.RowHighlighted):
            table.clear()
            for day in series.days:
                cells = [wording.thousands(number) if day.counted else "—" for number in (*day.counts, day.total)]
                table.add_row(Text(wording.weekday_text(day.date)), *(Text(cell, justify="right") for cell in cells))
            table.move_cursor(row=self.cursor, animate=False)

    def _keys(self, series: Series) -> list[str]:
        since = series.counting_since
        started = "Not counted yet" if since is None else f"Counting since {wording.day_text(since, self.context.zone)}"

        def key(*names: str) -> str:
            return " ".join(self.host.keys.shown(f"statistics.{name}") for name in names)

        return [
            started,
            f"{key('previous_day', 'next_day')} day",
            f"{key('longer', 'shorter')} range",
            f"{key('toggle_2xx', 'toggle_3xx', 'toggle_4xx', 'toggle_5xx')} classes",
            f"{key('lines')} {'lines' if self.bars else 'bars'}",
            f"{key('table')} table",
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
        with self.prevent(DataTable.RowHighlighted):
            self.query_one(DayTable).move_cursor(row=index, animate=False)
        self._show_day()

    def _show_day(self) -> None:
        if self.series is not None and self.series.days:
            day = self.series.days[self.cursor]
            last = self.cursor == len(self.series.days) - 1
            self.query_one("#stats-readout", Static).update(_readout(day, today=last), layout=False)

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
        """The day before."""
        self._move_to(self.cursor - 1)

    def action_next_day(self) -> None:
        """The day after."""
        self._move_to(self.cursor + 1)

    def action_first_day(self) -> None:
        """The oldest day of the range."""
        self._move_to(0)

    def action_last_day(self) -> None:
        """Today."""
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

    @on(Flow.Chosen, "#stats-legend")
    def toggle_clicked(self, event: Flow.Chosen) -> None:
        """A click on the legend."""
        if event.key:
            self.action_toggle_class(int(event.key))

    def action_toggle_lines(self) -> None:
        """Bars, or lines."""
        self.bars = not self.bars
        self._draw()

    def action_toggle_table(self) -> None:
        """The table, or the chart."""
        table = self.query_one(DayTable)
        table.display = not table.display
        if self._chart is not None:
            self._chart.display = not table.display
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
        prompt = Prompt("Write the days as CSV", "File", name, confirm="Write", check=new_file)
        path = await self.app.push_screen_wait(prompt)
        if path is None:
            return
        try:
            await self.host.change(lambda context: write_new(named(path), [csv_text(series)]))
        except TokentuiError as error:
            self.host.explain(error)
        else:
            self.app.notify(f"{len(series.days)} days written to {path}", markup=False)


def _sums(series: Series) -> list[str]:
    """What the panel beside a wide chart adds to the classes."""
    busiest = max(series.days, key=lambda day: day.total)
    most = f"Most {wording.thousands(busiest.total)} on {wording.weekday_text(busiest.date)}"
    return [f"Total {wording.thousands(series.total)}", *([most] if busiest.total else [])]


def _readout(day: Day, *, today: bool) -> str:
    """The day in one line."""
    name = wording.weekday_text(day.date) + (" (today)" if today else "")
    if not day.counted:
        return f"{name}   not counted: the token was not there yet"
    counts = "   ".join(f"{label} {wording.thousands(n)}" for label, n in zip(CLASSES, day.counts, strict=True))
    return f"{name}   {counts}   total {wording.thousands(day.total)}"
