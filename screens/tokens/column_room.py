"""How many cells each column of the table needs, as pages of the list come into the window. Pure: the table asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tokentui.records import TokenRecord
from tokentui.screens.tokens.columns import CellContext, needs_of

_KEPT_FOR = timedelta(minutes=1)
"""What a page needs is worked out again after that: "now" grows to "59 min ago" while nobody reads the page anew."""

_MOST = 24
"""Pages of which it is known: all that the table holds, and those that it has just forgotten."""


class ColumnRoom:
    """The cells of the longest text of each column, on the pages that were in the window of one list.

    It only grows, so that the columns stand still where one scrolls back.
    """

    def __init__(self) -> None:
        self.cells: dict[str, int] = {}
        """By a column's title."""
        self._pages: dict[int, tuple[datetime, dict[str, int]]] = {}

    def read(self, number: int, tokens: Iterable[TokenRecord], context: CellContext) -> None:
        """Works out what a page needs, at best before it is in the window."""
        if len(self._pages) >= _MOST:
            self._pages.clear()
        self._pages[number] = context.now, needs_of(tokens, context)

    def reach(self, number: int, tokens: Iterable[TokenRecord], context: CellContext) -> bool:
        """Makes room for a page in the window; whether it takes more than there was."""
        if number not in self._pages or not timedelta() <= context.now - self._pages[number][0] < _KEPT_FOR:
            self.read(number, tokens, context)
        return self._widen(self._pages[number][1])

    def add(self, tokens: Iterable[TokenRecord], context: CellContext) -> bool:
        """The same for rows whose texts are others than before."""
        return self._widen(needs_of(tokens, context))

    def _widen(self, needs: dict[str, int]) -> bool:
        wider = {title: cells for title, cells in needs.items() if cells > self.cells.get(title, 0)}
        self.cells |= wider
        return bool(wider)
