"""The History tab: the token's audit, newest first, read on as it is scrolled."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import DataTable, Static

from tokentui import audit
from tokentui.records import AuditRecord
from tokentui.screens.base import Failure
from tokentui.screens.commands import binding
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.ui import wording
from tokentui.ui.audit_words import action_words, actor_words, change_lines

PAGE = 100
_NEAR_END = 10
_COLUMNS = (("When", 17), ("Who", 16), ("What", 15))
_PADDING = 2


class HistoryTable(DataTable[Text], inherit_bindings=False):
    """Rows of the audit; only up and down move."""

    BINDINGS = [
        binding("tokens.up"),
        binding("tokens.down"),
        binding("tokens.page_up"),
        binding("tokens.page_down"),
        binding("tokens.top", action="scroll_top"),
        binding("tokens.bottom", action="scroll_bottom"),
    ]


class HistoryTab(DetailsTab):
    """Entries are read a page at a time; a new one appears on top without the cursor leaving its entry."""

    def __init__(self) -> None:
        super().__init__("History", id="history")
        self.entries: tuple[AuditRecord, ...] = ()
        self._token_id: int | None = None
        self._complete = False
        self._active = False

    def compose(self) -> ComposeResult:
        """The rows, and what went wrong reading them."""
        yield HistoryTable(cursor_type="row", zebra_stripes=True)
        yield Static("", id="history-note", markup=False)

    def show(self, details: Details) -> None:
        """Another token, or the same one changed."""
        if self._token_id != details.token.id:
            self._token_id = details.token.id
            self.entries, self._complete = (), False
        if self._active:
            self._load()

    def opened(self) -> None:
        """Reads the newest entries."""
        self._active = True
        self.screen.set_focus(self.query_one(HistoryTable))
        self._load()

    def closed(self) -> None:
        """Nothing is read any longer."""
        self._active = False

    def on_resize(self) -> None:
        """The last column takes the room that is left."""
        self._draw()

    @on(DataTable.RowHighlighted)
    def read_on(self, event: DataTable.RowHighlighted) -> None:
        """Near the last row that is there, the next page."""
        if self.entries and not self._complete and event.cursor_row >= len(self.entries) - _NEAR_END:
            self._load_older()

    def _load(self) -> None:
        """As many of the newest entries as are shown already, so that none vanishes under the cursor."""
        token_id, limit = self._token_id, max(PAGE, len(self.entries))

        def done(entries: tuple[AuditRecord, ...]) -> None:
            self._complete = len(entries) < limit
            self._put(entries)

        self.host.read("history", lambda context: audit.entries(context, token_id, limit=limit), done, self._failed)

    def _load_older(self) -> None:
        token_id, before = self._token_id, self.entries[-1].id

        def done(entries: tuple[AuditRecord, ...]) -> None:
            self._complete = len(entries) < PAGE
            self._put((*self.entries, *entries))

        service = lambda context: audit.entries(context, token_id, before=before, limit=PAGE)  # noqa: E731
        self.host.read("history", service, done, self._failed)

    def _failed(self, error: Failure) -> None:
        self.query_one("#history-note", Static).update(
            f"{error.message}. {self.host.keys.first('app.refresh')} tries again."
        )

    def _put(self, entries: tuple[AuditRecord, ...]) -> None:
        if entries != self.entries:
            self.entries = entries
            self._draw()
        number = wording.thousands(len(entries))
        note = f"{number} entries" if self._complete else f"{number} entries and more: scroll on"
        self.query_one("#history-note", Static).update("1 entry" if len(entries) == 1 else note)

    def _draw(self) -> None:
        """All rows; the cursor stays on its entry."""
        table = self.query_one(HistoryTable)
        kept = self._entry_under_cursor(table)
        widths = [width for _, width in _COLUMNS]
        rest = max(16, table.scrollable_content_region.width - sum(widths) - _PADDING * 4)
        with self.prevent(DataTable.RowHighlighted):
            table.clear(columns=True)
            for title, width in (*_COLUMNS, ("Change", rest)):
                table.add_column(title, width=width)
            for entry in self.entries:
                table.add_row(*self._cells(entry), height=None, key=str(entry.id))
            if kept is not None and kept in table.rows:
                table.move_cursor(row=table.get_row_index(kept), animate=False)

    def _entry_under_cursor(self, table: HistoryTable) -> str | None:
        if not table.row_count or table.cursor_row == 0:  # on the newest it stays on the newest
            return None
        return table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value

    def _cells(self, entry: AuditRecord) -> tuple[Text, ...]:
        zone = self.context.zone
        return (
            Text(wording.minute_text(entry.at, zone)),
            Text(actor_words(entry)),
            Text(action_words(entry.action)),
            Text(wording.damage_text(entry.damaged) if entry.damaged else "\n".join(change_lines(entry, zone)) or "—"),
        )
