"""A token as a line of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tokentui.records import Status, TokenRecord
from tokentui.screens.theme.contrast import readable_style
from tokentui.screens.tokens.columns import CellContext, CellKind, Column, Layout, style_of
from tokentui.screens.tokens.use_bars import use_sparkline
from tokentui.ui.text import cell_width, fit
from tokentui.ui.wording import SHAPES

CURSOR = "▌"
MARK = "✓"
STYLES = {
    "token-table--cursor",
    "token-table--marked",
    "token-table--muted",
    "token-table--error",
    *(style_of(status) for status in Status),
}
"""The component classes that a row is drawn with."""


@dataclass(frozen=True, slots=True)
class RowPainter:
    """Draws rows. `base` is the table's own style, `style` gives that of a component class on its own."""

    layout: Layout
    context: CellContext
    base: Style
    style: Callable[[str], Style]

    def paint(self, token: TokenRecord, *, cursor: bool, marked: bool) -> Strip:
        """The row of a token, with the cursor on it or not, marked or not."""
        base = self.base
        if marked:
            base += self.style("token-table--marked")
        if cursor:
            base += self.style("token-table--cursor")
        segments = [Segment((CURSOR if cursor else " ") + (MARK if marked else " ") + " ", base)]
        state = base if cursor else base + self.style(style_of(token.status))
        if self.layout.shape:
            segments.append(Segment(f"{SHAPES[token.status]} ", state))
        for column, cells in self.layout.columns:
            if column.kind is CellKind.SPARKLINE:
                segments += self._sparkline(token, cells, base, cursor=cursor)
            else:
                style = (
                    state if column.kind is CellKind.STATUS else self._text_style(column, token, base, cursor=cursor)
                )
                segments.append(Segment(self._text(column, cells, token), style))
            segments.append(Segment(" " * self.layout.gap, base))
        return Strip(segments)

    def placeholder(self) -> Strip:
        """A row that is being read."""
        return Strip([Segment(" " * self.layout.left + "…", self.base + self.style("token-table--muted"))])

    def _text(self, column: Column, cells: int, token: TokenRecord) -> str:
        text = column.text(token, self.context)
        if column.kind is CellKind.NUMBER:
            text = " " * (cells - cell_width(text)) + text
        return fit(text, cells)

    def _text_style(self, column: Column, token: TokenRecord, base: Style, *, cursor: bool) -> Style:
        muted = column.kind is not CellKind.PLAIN or token.status is Status.DELETED
        return base + self.style("token-table--muted") if muted and not cursor else base

    def _sparkline(self, token: TokenRecord, cells: int, base: Style, *, cursor: bool) -> Iterator[Segment]:
        """Bars count as decoration, whose colours stay: on the cursor's row they are made to be seen here."""
        bars = use_sparkline(self.context.use.get(token.id, ()), cells)
        usual = base if cursor else base + self.style("token-table--muted")
        error = base + self.style("token-table--error")
        if cursor and base.bgcolor is not None:
            usual, error = (
                readable_style(style, base.bgcolor, ColorSystem.TRUECOLOR, is_text=True) for style in (usual, error)
            )
        yield Segment(" " * (cells - len(bars)), base)
        for bar, has_errors in bars:
            yield Segment(bar, error if has_errors else usual)
