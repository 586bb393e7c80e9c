"""The token table: drawn line by line from a window of pages, so a million tokens cost what forty do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tokentui.listing.spec import Sort, SortField
from tokentui.records import Status, TokenRecord
from tokentui.screens.base import context_of
from tokentui.screens.tokens import columns
from tokentui.screens.tokens.columns import GAP, MARK_WIDTH, CellContext, Column, Spark
from tokentui.screens.tokens.list_reader import Listing
from tokentui.screens.tokens.pages import Pages
from tokentui.ui.text import fit

_CURSOR = "▌"
_MARK = "✓"
_LEFT_BUTTON = 1


class TokenTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of tokens with a cursor and marks. It asks for the pages that it lacks and is given them.

    Its keys are the screen's: a ScrollView's own would move the window away from the cursor.
    """

    COMPONENT_CLASSES = {
        "token-table--cursor",
        "token-table--marked",
        "token-table--dim",
        "token-table--error",
        *(columns.style_of(status) for status in Status),
    }

    @dataclass
    class PageWanted(Message):
        """A page is looked at that is not here."""

        number: int
        """Which one; pages are `pages.SIZE` rows."""

    @dataclass
    class Opened(Message):
        """Enter or a double click on a token."""

        token: TokenRecord
        """Which one."""

    @dataclass
    class WindowMoved(Message):
        """Other rows are in the window than before, or more of them."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TokenTable.WindowMoved)

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another token, or on the same one as it is now."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TokenTable.CursorMoved)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pages = Pages()
        self.marks: set[int] = set()
        self.sparks: dict[int, Spark] = {}
        self.index = 0
        self._token_id: int | None = None
        self._asked: set[int] = set()
        self._texts: dict[int, tuple[TokenRecord, tuple[str, ...]]] = {}

    @property
    def token(self) -> TokenRecord | None:
        """The token under the cursor, where its page is here."""
        return self.pages.row(self.index)

    @property
    def token_id(self) -> int | None:
        """The ID under the cursor, also while its page is on its way."""
        return self._token_id

    @property
    def height(self) -> int:
        """How many rows the window shows."""
        return max(1, self.scrollable_content_region.height)

    def visible_rows(self) -> list[TokenRecord]:
        """The tokens in the window that are here."""
        top = self.scroll_offset.y
        found = (self.pages.row(index) for index in range(top, min(top + self.height, self.pages.total)))
        return [row for row in found if row is not None]

    # What the screen gives

    def show(self, listing: Listing) -> None:
        """Shows a list as it was read: the cursor stays on its token, only rows that differ are drawn again."""
        before = {index: self.pages.row(index) for index in self._window()}
        old_total, old_index = self.pages.total, self.index
        self.pages.clear()
        self._asked.clear()
        self.pages.total = listing.total
        for number, rows in listing.pages.items():
            self.pages.put(number, rows)
        # The cursor keeps its place in the window, so that the list moves under it rather than it over the list.
        line = old_index - self.scroll_offset.y
        self.index = listing.index
        top = max(0, min(self.index - line, self.pages.total - self.height))
        self._resize()
        if top != self.scroll_offset.y:
            self._scroll(top)
            self.refresh()
        elif old_total != listing.total or old_index != self.index:
            self.refresh()
        else:
            self._refresh_rows(index for index, row in before.items() if self.pages.row(index) != row)
        self._moved()
        self._want_missing()

    def put_page(self, number: int, rows: tuple[TokenRecord, ...]) -> None:
        """Takes a page that was asked for."""
        self._asked.discard(number)
        self.pages.put(number, rows)
        self.refresh()
        self._moved()

    def page_failed(self, number: int) -> None:
        """A page could not be read; it is asked for again when it is looked at again."""
        self._asked.discard(number)

    def set_sparks(self, sparks: dict[int, Spark]) -> None:
        """Takes the request lines of the rows in the window."""
        if sparks != self.sparks:
            self.sparks = sparks
            self.refresh()

    def refresh_times(self) -> None:
        """Draws the rows again whose text is another than at the last call, as time has passed."""
        context = context_of(self.app)
        at = CellContext(context.now(), context.zone)
        rows = {index: row for index in self._window() if (row := self.pages.row(index)) is not None}
        texts = {index: (row, tuple(column.text(row, at) for column in columns.COLUMNS)) for index, row in rows.items()}
        self._refresh_rows(index for index, text in texts.items() if self._texts.get(index, text) != text)
        self._texts = texts

    def set_marks(self, marks: Iterable[int]) -> None:
        """Marks these tokens and no others."""
        self.marks = set(marks)
        self.refresh()

    # The cursor

    def toggle_mark(self) -> None:
        """Marks the token under the cursor, or takes its mark away, and goes on to the next."""
        if self.token is not None:
            self.marks ^= {self.token.id}
            self._refresh_rows([self.index])
            self.move_to(self.index + 1)

    def move_to(self, index: int) -> None:
        """Puts the cursor on a row, scrolling by a third of the window where it leaves it.

        A line at a time would draw the whole window at every key.
        """
        index = max(0, min(index, self.pages.total - 1))
        if index == self.index or self.pages.total == 0:
            return
        old, self.index = self.index, index
        top, height = self.scroll_offset.y, self.height
        third = max(1, height // 3)
        if index < top:
            self._scroll(index - third if top - index <= third else index)
        elif index >= top + height:
            far = index - (top + height) >= third
            self._scroll(index - height + 1 + (0 if far else third))
        self._refresh_rows([old, index])
        self._moved()
        self._want_missing()

    def move_by(self, rows: int) -> None:
        """Moves the cursor up or down."""
        self.move_to(self.index + rows)

    def page_by(self, pages: int) -> None:
        """Moves by whole windows."""
        self.move_to(self.index + pages * max(1, self.height - 1))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        index = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        if index >= self.pages.total:
            return Strip.blank(width, self.rich_style)
        row = self.pages.row(index)
        if row is None:
            dim = self.rich_style + self._style("token-table--dim")
            return Strip([Segment(" " * MARK_WIDTH + "…", dim)]).adjust_cell_length(width, self.rich_style)
        return self._draw(row, index == self.index, width)

    def _draw(self, row: TokenRecord, under_cursor: bool, width: int) -> Strip:
        base = self.rich_style
        marked = row.id in self.marks
        if marked:
            base += self._style("token-table--marked")
        if under_cursor:
            base += self._style("token-table--cursor")
        context = context_of(self.app)
        at = CellContext(context.now(), context.zone)
        mark = (_CURSOR if under_cursor else " ") + (_MARK if marked else " ") + " "
        segments = [Segment(mark, base)]
        for column, cells in columns.layout(width):
            segments += self._cell(column, cells, row, at, base, under_cursor)
            segments.append(Segment(" " * GAP, base))
        return Strip(segments).adjust_cell_length(width, base)

    def _cell(
        self, column: Column, cells: int, row: TokenRecord, at: CellContext, base: Style, under_cursor: bool
    ) -> list[Segment]:
        if column.style == "spark":
            error = base + self._style("token-table--error")
            line = columns.sparkline(self.sparks.get(row.id, ()), cells)
            drawn = [Segment(block, error if bad else base) for block, bad in line]
            return drawn or [Segment(" " * cells, base)]
        style = base
        if column.style == "status" and not under_cursor:
            style += self._style(columns.style_of(row.status))
        elif (column.style == "dim" or row.status is Status.DELETED) and not under_cursor:
            style += self._style("token-table--dim")
        return [Segment(fit(column.text(row, at), cells), style)]

    def _style(self, name: str) -> Style:
        # Only what the component class itself says: its background must not cover the cursor's.
        return self.get_component_rich_style(name, partial=True)

    # Events

    def on_resize(self, event: events.Resize) -> None:
        """Keeps the cursor in the window."""
        self._resize()
        top = self.scroll_offset.y
        if not top <= self.index < top + self.height:
            self._scroll(self.index - self.height // 2)
        self._want_missing()
        self.post_message(self.WindowMoved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """A wheel or a dragged scrollbar shows rows that may not be here."""
        super().watch_scroll_y(old_value, new_value)
        self._want_missing()
        self.post_message(self.WindowMoved())

    def on_click(self, event: events.Click) -> None:
        """One click moves the cursor, the second opens."""
        index = self.scroll_offset.y + event.y
        if index < self.pages.total:
            self.move_to(index)
            if event.button != _LEFT_BUTTON:
                return  # the screen's, which opens the menu
            if event.x < MARK_WIDTH:
                self.toggle_mark()
            elif event.chain == 2 and self.token is not None:
                self.post_message(self.Opened(self.token))

    def _window(self) -> range:
        top = self.scroll_offset.y
        return range(top, top + self.height)

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.pages.total)

    def _scroll(self, top: int) -> None:
        top = max(0, min(top, self.pages.total - self.height))
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def _refresh_rows(self, indexes: Iterable[int]) -> None:
        top, height = self.scroll_offset.y, self.height
        width = self.scrollable_content_region.width
        for index in indexes:
            if top <= index < top + height:
                self.refresh(Region(0, index - top, width, 1))

    def _moved(self) -> None:
        token = self.token
        if self.pages.total == 0:
            self._token_id = None
        elif token is not None:
            self._token_id = token.id
        self.post_message(self.CursorMoved())

    def _want_missing(self) -> None:
        window = self._window()
        for number in self.pages.missing(window.start, window.stop):
            if number not in self._asked:
                self._asked.add(number)
                self.post_message(self.PageWanted(number))


class TableHeader(Widget):
    """The headings over the table, with an arrow at the sorted column; a click sorts."""

    COMPONENT_CLASSES = {"table-header--sorted"}

    @dataclass
    class Sorted(Message):
        """A heading was clicked."""

        field: SortField
        """What to sort by."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sort = Sort()

    def show(self, sort: Sort) -> None:
        """Shows another order."""
        self._sort = sort
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The one line."""
        base = self.rich_style
        strong = base + self.get_component_rich_style("table-header--sorted", partial=True)
        width = self.size.width
        segments = [Segment(" " * MARK_WIDTH, base)]
        # The table below gives a cell to its scrollbar.
        for column, cells in columns.layout(width - 1):
            title = columns.heading(column, self._sort.field, self._sort.descending)
            style = strong if column.sort is self._sort.field else base
            segments += [Segment(fit(title, cells), style), Segment(" " * GAP, base)]
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        """Sorts by the heading under the pointer."""
        left = MARK_WIDTH
        for column, cells in columns.layout(self.size.width - 1):
            if left <= event.x < left + cells and column.sort is not None:
                self.post_message(self.Sorted(column.sort))
            left += cells + GAP
