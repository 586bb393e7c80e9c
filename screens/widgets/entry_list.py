"""Entries of the audit in rows, newest first, read on as they are scrolled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import DataTable, Static

from tokentui import audit
from tokentui.audit import AuditFilter
from tokentui.context import Context
from tokentui.records import AuditRecord
from tokentui.screens.base import BaseScreen, Failure
from tokentui.screens.commands import binding
from tokentui.ui import wording
from tokentui.ui.audit_words import action_words, actor_words, change_lines, token_words
from tokentui.ui.text import cell_width

PAGE = 100
_NEAR_END = 10
_PADDING = 2
_LEAST_CHANGE = 16
_WHEN, _SHORT_WHEN, _TOKEN = 17, 12, 14
_LEAST_WHO, _MOST_WHO = 5, 16
_NARROW_BELOW = 100


class EntryTable(DataTable[Text], inherit_bindings=False):
    """Rows of the audit; only up and down move."""

    BINDINGS = [
        binding("tokens.up"),
        binding("tokens.down"),
        binding("tokens.page_up"),
        binding("tokens.page_down"),
        binding("tokens.top", action="scroll_top"),
        binding("tokens.bottom", action="scroll_bottom"),
    ]


class EntryList(Vertical):
    """Entries are read a page at a time; a new one appears on top without the cursor leaving its entry."""

    class CursorMoved(Message):
        """Another entry is under the cursor, or none."""

    def __init__(self, *, with_token: bool) -> None:
        """`with_token`: a column says which token an entry is about."""
        super().__init__()
        self.entries: tuple[AuditRecord, ...] = ()
        self.is_complete = False
        """Whether the oldest entry that is wanted is here."""
        self._with_token = with_token
        self._wanted: AuditFilter | None = None

    def compose(self) -> ComposeResult:
        """The rows, and how many there are or what went wrong reading them."""
        yield EntryTable(cursor_type="row", zebra_stripes=True)
        yield Static("", classes="entry-note", markup=False)

    @property
    def table(self) -> EntryTable:
        return self.query_one(EntryTable)

    @property
    def entry(self) -> AuditRecord | None:
        """The one under the cursor."""
        row = self.table.cursor_row
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def show(self, wanted: AuditFilter) -> None:
        """Reads these entries from now on, and now."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._put((), complete=False)
        self.load()

    def load(self) -> None:
        """As many of the newest entries as are shown already, so that none vanishes under the cursor."""
        self._read(max(PAGE, len(self.entries)), before=None)

    @on(DataTable.RowHighlighted)
    def read_on(self, event: DataTable.RowHighlighted) -> None:
        """Near the last row that is there, the next page."""
        event.stop()
        self.post_message(self.CursorMoved())
        if self.entries and not self.is_complete and event.cursor_row >= len(self.entries) - _NEAR_END:
            self._read(PAGE, before=self.entries[-1].id)

    def on_resize(self) -> None:
        """The last column takes the room that is left."""
        self._draw()

    def _read(self, limit: int, *, before: int | None) -> None:
        wanted = self._wanted

        def service(context: Context) -> tuple[AuditRecord, ...]:
            return audit.entries(context, wanted=wanted, before=before, limit=limit)

        def done(entries: tuple[AuditRecord, ...]) -> None:
            self._put(entries if before is None else (*self.entries, *entries), complete=len(entries) < limit)

        host = cast(BaseScreen[Any], self.screen)
        host.read("entries", service, done, self._failed)

    def _failed(self, error: Failure) -> None:
        keys = cast(BaseScreen[Any], self.screen).keys
        self._note(f"{error.message}. {keys.first('app.refresh')} tries again.")

    def _put(self, entries: tuple[AuditRecord, ...], *, complete: bool) -> None:
        before, self.entries, self.is_complete = self.entries, entries, complete
        if before and entries[: len(before)] == before:
            self._add_rows(entries[len(before) :])
        elif entries != before:
            self._draw()
        number = wording.thousands(len(entries))
        text = f"{number} entries" if complete else f"{number} entries and more: scroll on"
        self._note("1 entry" if len(entries) == 1 and complete else text)
        self.post_message(self.CursorMoved())

    def _note(self, text: str) -> None:
        self.query_one(".entry-note", Static).update(text)

    def _draw(self) -> None:
        """All rows; the cursor stays on its entry."""
        table = self.table
        kept = self._entry_under_cursor()
        with self.prevent(DataTable.RowHighlighted):
            table.clear(columns=True)
            for title, width in self._columns():
                table.add_column(title, width=width)
            self._add_rows(self.entries)
            if kept is not None and kept in table.rows:
                table.move_cursor(row=table.get_row_index(kept), animate=False)

    def _columns(self) -> list[tuple[str, int]]:
        """Titles and widths: the last column has what the others leave, or is not there."""
        columns = [
            ("When", _SHORT_WHEN if self._is_narrow else _WHEN),
            ("Who", self._width_of(actor_words(entry) for entry in self.entries)),
            ("What", self._width_of(action_words(entry.action) for entry in self.entries)),
            *([("Token", _TOKEN)] if self._with_token else []),
        ]
        rest = self.table.scrollable_content_region.width - sum(width + _PADDING for _, width in columns) - _PADDING
        if rest < _LEAST_CHANGE and self._with_token:
            return columns  # what was changed stands in the token's history
        return [*columns, ("Change", max(_LEAST_CHANGE, rest))]

    @property
    def _is_narrow(self) -> bool:
        return self._with_token and self.size.width < _NARROW_BELOW

    @staticmethod
    def _width_of(texts: Iterable[str]) -> int:
        return min(_MOST_WHO, max((cell_width(text) for text in texts), default=_LEAST_WHO))

    def _add_rows(self, entries: tuple[AuditRecord, ...]) -> None:
        columns = len(self.table.columns)
        for entry in entries:
            self.table.add_row(*self._cells(entry)[:columns], height=None, key=str(entry.id))

    def _entry_under_cursor(self) -> str | None:
        table = self.table
        if not table.row_count or table.cursor_row == 0:  # on the newest it stays on the newest
            return None
        return table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value

    def _cells(self, entry: AuditRecord) -> tuple[Text, ...]:
        context = cast(BaseScreen[Any], self.screen).context
        zone = context.zone
        when = (
            wording.short_minute(entry.at, context.now(), zone)
            if self._is_narrow
            else wording.minute_text(entry.at, zone)
        )
        changes = wording.damage_text(entry.damaged) if entry.damaged else "\n".join(change_lines(entry, zone)) or "—"
        return (
            Text(when),
            Text(actor_words(entry)),
            Text(action_words(entry.action)),
            *([Text(token_words(entry))] if self._with_token else []),
            Text(changes),
        )
