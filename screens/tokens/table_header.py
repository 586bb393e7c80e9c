"""The headings over the table."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tokentui.listing.spec import SortField
from tokentui.screens.tokens.columns import CellKind, heading
from tokentui.screens.tokens.token_table import TokenTable
from tokentui.ui.text import cell_width, fit


class TableHeader(Widget):
    """The headings of a table's columns, with an arrow at the one that it is sorted by; a click sorts."""

    COMPONENT_CLASSES = {"table-header--sorted"}

    @dataclass
    class Sorted(Message):
        """A heading was clicked."""

        field: SortField
        """What to sort by."""

    def __init__(self, table: TokenTable) -> None:
        super().__init__()
        self._table = table

    def on_mount(self) -> None:
        self.watch(self._table, "column_layout", self._redraw, init=False)

    def _redraw(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        strong = base + self.get_component_rich_style("table-header--sorted", partial=True)
        layout, sort = self._table.column_layout, self._table.sort
        segments = [Segment(" " * layout.left, base)]
        for (column, cells), gap in zip(layout.columns, layout.gaps, strict=True):
            title = heading(column, sort)
            if column.kind is CellKind.NUMBER:
                title = " " * (cells - cell_width(title)) + title
            style = strong if column.sort is sort.field else base
            segments += [Segment(fit(title, cells), style), Segment(" " * gap, base)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        layout = self._table.column_layout
        left = layout.left
        for (column, cells), gap in zip(layout.columns, layout.gaps, strict=True):
            if left <= event.x < left + cells and column.sort is not None:
                self.post_message(self.Sorted(column.sort))
            left += cells + gap
