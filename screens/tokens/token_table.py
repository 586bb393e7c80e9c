"""The token table: drawn line by line from a window of pages, so a million tokens cost what forty do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from rich.style import Style
from textual import events
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokentui.listing.spec import Sort
from tokentui.records import TokenRecord
from tokentui.screens.base import context_of
from tokentui.screens.command import Place
from tokentui.screens.tokens import columns, row_painter
from tokentui.screens.tokens.column_room import ColumnRoom
from tokentui.screens.tokens.columns import MARK_WIDTH, CellContext, DailyUse, Layout
from tokentui.screens.tokens.drawn_lines import DrawnLines, Line
from tokentui.screens.tokens.list_reader import Listing
from tokentui.screens.tokens.pages import SIZE, Pages
from tokentui.screens.tokens.row_painter import Looks, RowPainter
from tokentui.screens.widgets.moved_by_keys import MovedByKeys
from tokentui.terminal.textual_internals import draw_at_once, draw_scrolled_at_once

_LEFT_BUTTON = 1
_MOST_USE = 1000
"""Tokens whose responses are kept, so that a row that comes back has them at once."""


class TokenTable(MovedByKeys, ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of tokens with a cursor and marks. It asks for the pages that it lacks and is given them.

    Its keys are the screen's: a ScrollView's own would move the window away from the cursor.
    """

    COMPONENT_CLASSES = row_painter.STYLES
    MOTIONS_OF = Place.TOKENS

    column_layout: reactive[Layout] = reactive(Layout((), (), shape=False))
    """The columns and their widths, which the headings follow."""

    @dataclass
    class PageWanted(Message):
        """A page is looked at that is not here, or may be soon."""

        number: int
        """The page's number, from 0; a page has `pages.SIZE` rows."""

    @dataclass
    class Opened(Message):
        """Enter or a double click on a token."""

        token: TokenRecord
        """The token of that row."""

    class WindowMoved(Message):
        """Other rows are in the window than before, or more of them."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TokenTable.WindowMoved)

    class CursorMoved(Message, bubble=False):
        """Another token is under the cursor, or the same one as it is now."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TokenTable.CursorMoved)

    def __init__(self) -> None:
        super().__init__()
        self.pages = Pages()
        self.marks: set[int] = set()
        self.use: dict[int, DailyUse] = {}
        self.sort = Sort()
        self.index = 0
        self._room = ColumnRoom()
        self._reads_ahead = False
        self._told: TokenRecord | None = None
        self._token_id: int | None = None
        self._asked: set[int] = set()
        self._drawn = DrawnLines()
        self._drawn_for: tuple[object, ...] = ()
        self._looks: Looks | None = None

    @property
    def mover(self) -> object:
        """The screen."""
        return self.screen

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
        return [*self._rows().values()]

    # What the screen gives

    def show(self, listing: Listing) -> None:
        """Shows a list as it was read: the cursor stays on its token, only lines that differ are drawn again."""
        before = self._lines()
        line = self.index - self.scroll_offset.y
        self.pages.clear()
        self._asked.clear()
        self.pages.total = listing.total
        for number, rows in listing.pages.items():
            self.pages.put(number, rows)
        self.index = listing.index
        self.sort = listing.spec.sort
        self._reads_ahead = not listing.spec.query.strip()
        self._room = ColumnRoom()
        for number, rows in listing.pages.items():
            self._room.reach(number, rows, self._cell_context())
        self._lay_out()
        self._resize()
        # The cursor keeps its place in the window, so that the list moves under it rather than it over the list.
        self._scroll(self.index - line)
        after = self._lines()
        same = {index for index in self._window() if index in before and before[index] == after[index]}
        self._drawn.forget_others(same)
        self._refresh_rows(index for index in self._window() if index not in same)
        self._moved()
        self._want_missing()

    def put_page(self, number: int, rows: tuple[TokenRecord, ...]) -> None:
        """Takes a page that was asked for."""
        self._asked.discard(number)
        self.pages.put(number, rows)
        self._room.read(number, rows, self._cell_context())
        self._widen()
        first = number * SIZE
        self._draw_anew(range(first, first + SIZE))
        self._moved()
        self._want_missing()

    def shows_page(self, number: int) -> bool:
        """Whether a page has rows in the window."""
        window = self._window()
        return number * SIZE < window.stop and window.start < (number + 1) * SIZE

    def page_failed(self, number: int) -> None:
        """A page could not be read; it is asked for again when it is looked at again."""
        self._asked.discard(number)

    def set_use(self, use: dict[int, DailyUse]) -> None:
        """Takes the responses to the tokens in the window."""
        changed = {token_id for token_id, days in use.items() if self.use.get(token_id) != days}
        kept = self.use if len(self.use) + len(use) <= _MOST_USE else {}
        self.use = {**kept, **use}
        self._draw_changed({index: row for index, row in self._rows().items() if row.id in changed})

    def refresh_times(self) -> None:
        """Draws the rows of the window again that were drawn with other texts than they have by now."""
        self._widen()
        self._drawn.time_passed()
        painter = self._painter()

        def is_right(index: int, row: TokenRecord) -> bool:
            return self._drawn.get(self._line(index, row), partial(painter.texts, row)) is not None

        self._draw_changed({index: row for index, row in self._rows().items() if not is_right(index, row)})

    def set_marks(self, marks: Iterable[int]) -> None:
        """Marks these tokens and no others."""
        before, self.marks = self.marks, set(marks)
        changed = before ^ self.marks
        self._refresh_rows(index for index, row in self._rows().items() if row.id in changed)

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
        top, (width, height) = self.scroll_offset.y, self.scrollable_content_region.size
        third = max(1, height // 3)
        if index < top:
            self._scroll(index - third if top - index <= third else index)
        elif index >= top + height:
            far = index - (top + height) >= third
            self._scroll(index - height + 1 + (0 if far else third))
        else:
            lines = (line for line in (old - top, index - top) if 0 <= line < height)
            draw_at_once(self, *(Region(0, line, width, 1) for line in lines))
        self._moved()
        self._want_missing()  # which makes room in the columns for what the window shows now
        if self.scroll_offset.y != top:
            draw_scrolled_at_once(self)

    def move_by(self, rows: int) -> None:
        """Moves the cursor up or down."""
        self.move_to(self.index + rows)

    def page_by(self, pages: int) -> None:
        """Moves by whole windows."""
        self.move_to(self.index + pages * max(1, self.height - 1))

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """What a widget without a border, padding or opacity has to draw, and no more: Textual's own way takes five
        times as long for a line."""
        width, top = self.scrollable_content_region.width, self.scroll_offset.y
        painter = self._painter()
        filters = self.get_line_filters()
        if (width, painter.layout, *filters) != self._drawn_for:
            self._drawn_for = (width, painter.layout, *filters)
            self._drawn.clear()
        empty = Style(bgcolor=painter.looks.base.bgcolor)
        strips: list[Strip] = []
        for index in range(top + crop.y, top + crop.bottom):
            row = self.pages.row(index)
            line = self._line(index, row)
            strip = None if row is None else self._drawn.get(line, partial(painter.texts, row))
            if strip is None:
                strip = self._paint(line, row, painter, filters)
            strips.append(strip if crop.width == width else strip.crop_extend(*crop.column_span, empty))
        return strips

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Has every line drawn anew where no region is named: the rows may be looked at in another light then."""
        if not regions:
            self._forget_drawn()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """For another rule of a sheet that holds by now; another colour of what is behind comes with `refresh`."""
        self._forget_drawn()
        super().notify_style_update()

    def _forget_drawn(self) -> None:
        self._drawn.clear()
        self._looks = None

    def _line(self, index: int, row: TokenRecord | None) -> Line:
        return Line(index, index == self.index, row is not None and row.id in self.marks)

    def _painter(self) -> RowPainter:
        self._looks = self._looks or self._look_up()
        return RowPainter(self.scrollable_content_region.width, self.column_layout, self._cell_context(), self._looks)

    def _look_up(self) -> Looks:
        # Of a component class only what it itself says: its background must not cover the cursor's.
        styles = {name: self.get_component_rich_style(name, partial=True) for name in row_painter.STYLES}
        return Looks(self.rich_style, self.background_colors[1], styles)

    def _paint(self, line: Line, row: TokenRecord | None, painter: RowPainter, filters: Sequence[LineFilter]) -> Strip:
        if row is not None:
            texts = painter.texts(row)
            segments = painter.paint(row, texts, cursor=line.has_cursor, marked=line.is_marked)
        else:
            segments = painter.placeholder() if line.place < self.pages.total else painter.blank()
        for line_filter in filters:
            segments = line_filter.apply(segments, painter.looks.background)
        strip = Strip(segments, painter.width)
        if row is not None:
            self._drawn.keep(line, strip, texts)
        return strip

    def _cell_context(self) -> CellContext:
        context = context_of(self.app)
        return CellContext(context.now(), context.zone, self.use)

    def _lay_out(self) -> None:
        self.column_layout = columns.layout(self.scrollable_content_region.width, self._room.cells, self.sort)

    def _lines(self) -> dict[int, tuple[TokenRecord | None, bool]]:
        """What each line of the window shows, by its index in the list."""
        return {index: (self.pages.row(index), index == self.index) for index in self._window()}

    # Events

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self._resize()
        if self.index not in self._window():
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

    def _rows(self) -> dict[int, TokenRecord]:
        return {index: row for index in self._window() if (row := self.pages.row(index)) is not None}

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.pages.total)

    def _scroll(self, top: int) -> None:
        top = max(0, min(top, self.pages.total - self.height))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def _draw_anew(self, indexes: Iterable[int]) -> None:
        """For rows of another text than before."""
        changed = set(indexes)
        self._drawn.forget(changed)
        self._refresh_rows(changed)

    def _draw_changed(self, rows: Mapping[int, TokenRecord]) -> None:
        """For rows of another text than before, which may need more room."""
        if self._room.add(rows.values(), self._cell_context()):
            self._lay_out()
        self._draw_anew(rows)

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
        if token != self._told:
            self._told = token
            # Straight to the screen: each container on its way would handle it first.
            self.screen.post_message(self.CursorMoved())

    def _want_missing(self) -> None:
        """Asks for the pages that the window shows, and for those that a key may show next: its neighbours', both ends.

        None ahead of a filtered list, whose pages may take long to find.
        """
        self._widen()
        window, most = self._window(), self.height
        wanted = [*self.pages.missing(window.start, window.stop)]
        if self._reads_ahead:
            wanted += self.pages.missing(window.start - most, window.stop + most)
            wanted += self.pages.missing(0, 1)
            # A last page that is short leaves room for the one before it, which is read by its first row.
            last_here = self.pages.row(self.pages.total - 1) is not None
            wanted += self.pages.missing(self.pages.total - (most if last_here else 1), self.pages.total)
        for number in wanted:
            if number not in self._asked:
                self._asked.add(number)
                self.post_message(self.PageWanted(number))

    def _widen(self) -> None:
        """Gives the columns the room that the pages in the window need."""
        window, context = self._window(), self._cell_context()
        pages = self.pages.between(window.start, window.stop)
        grown = [self._room.reach(number, rows, context) for number, rows in pages]
        if any(grown):
            self._lay_out()
