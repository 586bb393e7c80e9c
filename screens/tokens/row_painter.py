"""A token as a line of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tokentui.records import Status, TokenRecord
from tokentui.screens.theme.contrast import readable_style
from tokentui.screens.tokens.columns import CellContext, CellKind, Layout, style_of
from tokentui.screens.tokens.drawn_lines import Texts
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


class Looks(NamedTuple):
    """What the style sheets say of a table: its own style, what is behind it, and each component class.

    Looking them up takes longer than drawing the two rows that a key changes.
    """

    base: Style
    background: Color
    styles: Mapping[str, Style]


class RowPainter(NamedTuple):
    """Draws rows of `width` cells."""

    width: int
    layout: Layout
    context: CellContext
    looks: Looks

    def texts(self, token: TokenRecord) -> Texts:
        """What stands in each column, not yet cut to its width."""
        return tuple(column.text(token, self.context) for column, _ in self.layout.columns)

    def paint(self, token: TokenRecord, texts: Texts, *, cursor: bool, marked: bool) -> list[Segment]:
        """The row of a token with these texts, with the cursor on it or not, marked or not."""
        base = self.looks.base
        if marked:
            base += self.looks.styles["token-table--marked"]
        if cursor:
            base += self.looks.styles["token-table--cursor"]
        segments = [Segment((CURSOR if cursor else " ") + (MARK if marked else " ") + " ", base)]
        state = base if cursor else base + self.looks.styles[style_of(token.status)]
        if self.layout.shape:
            segments.append(Segment(f"{SHAPES[token.status]} ", state))
        muted = base if cursor else base + self.looks.styles["token-table--muted"]
        plain = muted if token.status is Status.DELETED else base
        used = self.layout.left
        for (column, cells), text, gap in zip(self.layout.columns, texts, self.layout.gaps, strict=True):
            kind = column.kind
            if kind is CellKind.SPARKLINE:
                segments += self._sparkline(token, cells, base, cursor=cursor)
            else:
                style = state if kind is CellKind.STATUS else plain if kind is CellKind.PLAIN else muted
                segments.append(Segment(_in_cells(text, cells, at_right=kind is CellKind.NUMBER), style))
            if gap:
                segments.append(Segment(" " * gap, base))
            used += cells + gap
        return self._in_width(segments, used, base)

    def placeholder(self) -> list[Segment]:
        """A row that is being read."""
        sign = Segment(" " * self.layout.left + "…", self.looks.base + self.looks.styles["token-table--muted"])
        return self._in_width([sign], self.layout.left + 1, self.looks.base)

    def blank(self) -> list[Segment]:
        """A line below the last row."""
        return [Segment(" " * self.width, self.looks.base)]

    def _in_width(self, segments: list[Segment], used: int, base: Style) -> list[Segment]:
        if used < self.width:
            return [*segments, Segment(" " * (self.width - used), base)]
        return segments if used == self.width else Segment.adjust_line_length(segments, self.width)

    def _sparkline(self, token: TokenRecord, cells: int, base: Style, *, cursor: bool) -> Iterator[Segment]:
        """Bars count as decoration, whose colours stay: on the cursor's row they are made to be seen here."""
        bars = use_sparkline(self.context.use.get(token.id, ()), cells)
        usual = base if cursor else base + self.looks.styles["token-table--muted"]
        error = base + self.looks.styles["token-table--error"]
        if cursor and base.bgcolor is not None:
            usual, error = (
                readable_style(style, base.bgcolor, ColorSystem.TRUECOLOR, is_text=True) for style in (usual, error)
            )
        yield Segment(" " * (cells - len(bars)), base)
        for bar, has_errors in bars:
            yield Segment(bar, error if has_errors else usual)


def _in_cells(text: str, cells: int, *, at_right: bool) -> str:
    return fit(" " * (cells - cell_width(text)) + text if at_right else text, cells)
