"""The History tab: the token's audit, newest first, read on as it is scrolled."""

from __future__ import annotations

from textual.app import ComposeResult

from tokentui.audit import AuditFilter
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.widgets.entry_list import EntryList


class HistoryTab(DetailsTab):
    """Reads while it is looked at."""

    def __init__(self) -> None:
        super().__init__("History", id="history")
        self._token_id: int | None = None
        self._active = False

    def compose(self) -> ComposeResult:
        yield EntryList(with_token=False)

    def show(self, details: Details) -> None:
        """Another token, or the same one changed."""
        self._token_id = details.token.id
        if self._active:
            self._load()

    def opened(self) -> None:
        """Reads the newest entries."""
        self._active = True
        self.screen.set_focus(self.query_one(EntryList).table)
        self._load()

    def closed(self) -> None:
        """Nothing is read any longer."""
        self._active = False

    def _load(self) -> None:
        self.query_one(EntryList).show(AuditFilter(token_id=self._token_id))
