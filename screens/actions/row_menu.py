"""The row menu (⋮): what can be done to one token, or to those that are marked, by its keys or by choosing."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokentui.screens.base import BaseModal
from tokentui.screens.commands import binding
from tokentui.screens.offers import Offer
from tokentui.styles import sheets
from tokentui.ui.text import safe_text

ENTRIES = ("toggle", "rotate", "renew", "edit", "copy_key", "copy_id", "delete", "restore")
"""The commands of the menu, `token.…`, in its order."""

_ASKS = frozenset({"rotate", "renew", "edit", "delete"})
_WIDTH = 26
"""Cells of the menu with its border."""


class RowMenu(BaseModal[str]):
    """Answers with the action that was chosen, or None."""

    CSS_PATH = sheets("dialogs")
    BINDINGS = [binding("app.back"), binding("token.menu", action="back")]

    def __init__(self, title: str, menu: Sequence[Offer], at: Offset | None = None) -> None:
        """`at` is the cell of the screen that the menu belongs to: below it, or above where there is no room."""
        super().__init__()
        self._title = title
        self.menu = tuple(menu)
        self._at = at

    def compose(self) -> ComposeResult:
        options = OptionList(*(Option(self._line_of(offer), id=offer.command.action) for offer in self.menu))
        options.border_title = Content(safe_text(self._title))
        yield options

    def on_mount(self) -> None:
        self._place()
        self.set_focus(self.query_one(OptionList))

    def on_resize(self) -> None:
        self._place()

    def _place(self) -> None:
        width, height = self.app.size
        lines = len(self.menu) + 2
        menu = self.query_one(OptionList)
        if self._at is None:
            left, top = (width - _WIDTH) // 2, (height - lines) // 2
        else:
            left = min(self._at.x, width - _WIDTH)
            top = self._at.y + 1 if self._at.y + 1 + lines <= height else self._at.y - lines
        menu.styles.offset = (max(0, left), max(0, top))

    def on_key(self, event: events.Key) -> None:
        """A command's own key chooses it."""
        for offer in self.menu:
            if event.key in self.keys.keys(offer.command.id):
                event.stop()
                self.dismiss(offer.command.action)

    def on_click(self, event: events.Click) -> None:
        """A click beside the menu closes it."""
        if event.widget is self:
            self.dismiss(None)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_back(self) -> None:
        self.dismiss(None)

    def _line_of(self, offer: Offer) -> Content:
        key = self.keys.first(offer.command.id)
        more = "…" if offer.command.action in _ASKS else ""
        return Content.assemble((f"{key:<3}", "bold $footer-key-foreground"), f" {offer.label}{more}")
