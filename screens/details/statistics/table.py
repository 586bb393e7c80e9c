"""The days as a table: responses by class, errors in per cent, and a bar of the day's responses."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import DataTable

from tokentui.screens.commands import binding
from tokentui.ui import wording
from tokentui.ui.chart.row_bar import row_bar
from tokentui.usage.series import CLASSES, Day, Series

_LEAST_BAR, _LONGEST_BAR = 6, 60


class DayTable(DataTable[Text], inherit_bindings=False):
    """The days as rows; ← → Home End are the tab's, as on the chart."""

    BINDINGS = [
        binding("tokens.up"),
        binding("tokens.down"),
        binding("tokens.page_up"),
        binding("tokens.page_down"),
    ]

    def show(self, series: Series, *, cursor: int, width: int) -> None:
        """The days of a series in `width` columns, with the cursor on a row."""
        rows = [_cells(day) for day in series.days]
        headings = ("Day", *CLASSES, "Total", "Errors")
        widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
        room = width - sum(widths) - 2 * self.cell_padding * (len(widths) + 1) - 2  # 2 for the scrollbar
        highest = max((day.total for day in series.days), default=0)
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for heading, column in zip(headings, widths, strict=True):
                self.add_column(Text(heading, justify="left" if heading == "Day" else "right"), width=column)
            if room >= _LEAST_BAR:
                room = min(room, _LONGEST_BAR)
                self.add_column(Text(f"of {wording.thousands(highest)}"), width=room)
            for day, cells in zip(series.days, rows, strict=True):
                texts = [Text(cells[0]), *(Text(cell, justify="right") for cell in cells[1:])]
                if room >= _LEAST_BAR:
                    texts.append(Text(row_bar(day.total, highest, room)))
                self.add_row(*texts)
            self.move_cursor(row=cursor, animate=False)


def _cells(day: Day) -> tuple[str, ...]:
    if not day.counted:
        return (wording.weekday_text(day.date), *["—"] * 6)
    numbers = [wording.thousands(number) for number in (*day.counts, day.total)]
    return (wording.weekday_text(day.date), *numbers, wording.percent(day.errors / day.total) if day.total else "—")
