"""The row menu (⋮): what can be done to one token, by its keys or by choosing."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokentui.records import Status, TokenRecord
from tokentui.screens.base import BaseModal
from tokentui.screens.command import Command
from tokentui.screens.commands import binding, for_token
from tokentui.styles import sheets

_ASKS = {"rotate", "renew", "edit", "delete"}


class RowMenu(BaseModal[str]):
    """Answers with the action that was chosen, or None."""

    CSS_PATH = sheets("dialogs")
    BINDINGS = [binding("app.back"), binding("token.menu", action="back")]

    def __init__(self, token: TokenRecord, *, line: int | None = None) -> None:
        super().__init__()
        self._token = token
        self._line = line
        self._commands: tuple[Command, ...] = ()

    def compose(self) -> ComposeResult:
        """The offered commands, each with its key."""
        self._commands = for_token(self._token, read_only=self.context.database.read_only)
        menu = OptionList(*(Option(self._line_of(command), id=command.action) for command in self._commands))
        menu.border_title = self._token.label
        yield menu

    def on_mount(self) -> None:
        """Near its row, where that is known."""
        menu = self.query_one(OptionList)
        height = len(self._commands) + 2
        if self._line is not None:
            menu.styles.offset = (-3, max(0, min(self._line + 1, self.app.size.height - height - 1)))
        self.screen.set_focus(menu)

    def on_key(self, event: events.Key) -> None:
        """A command's own key chooses it."""
        for command in self._commands:
            if event.key in self.keys.keys(command.id):
                event.stop()
                self.dismiss(command.action)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.dismiss(event.option.id)

    def action_back(self) -> None:
        """Nothing."""
        self.dismiss(None)

    def _line_of(self, command: Command) -> Content:
        label = command.label
        if command.action == "toggle_token" and self._token.status is Status.DISABLED:
            label = "Enable"
        more = "…" if command.action in _ASKS else ""
        return Content.assemble((f"{self.keys.shown(command.id):<3}", "bold"), f" {label}{more}")
