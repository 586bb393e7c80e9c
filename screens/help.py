"""The help: every key, made from the table of commands, with the operator's own keys where they were rebound."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tokentui.screens.base import BaseModal
from tokentui.screens.command import Command, Place
from tokentui.screens.commands import COMMANDS, binding
from tokentui.screens.keys import KeyTable
from tokentui.styles import sheets


def rows(keys: KeyTable, text: str = "") -> Iterator[tuple[str, tuple[tuple[str, str, str], ...]]]:
    """For each place with a match its commands: (keys, what it does, the ID to rebind it by)."""
    for place in Place:
        matching = tuple(
            (keys.shown(command.id), command.tooltip, command.id)
            for command in COMMANDS
            if place in command.places and _matches(command, keys, text)
        )
        if matching:
            yield place.value, matching


def _matches(command: Command, keys: KeyTable, text: str) -> bool:
    said = f"{command.id} {command.label} {command.tooltip} {' '.join(keys.keys(command.id))} {keys.shown(command.id)}"
    return text.lower() in said.lower()


class HelpScreen(BaseModal[None]):
    """All commands, filtered by what is typed."""

    CSS_PATH = sheets("dialogs")
    BINDINGS = [
        binding("app.back"),
        binding("app.help", action="back"),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("pagedown", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The filter over the list."""
        with Vertical(id="help") as frame:
            frame.border_title = "Keys"
            frame.border_subtitle = Content(
                f"{self.keys.first('app.back')} closes · "
                "rebind by the name on the right, in [keys] of the configuration"
            )
            yield Input(placeholder="type to search", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(self._content(""), id="help-rows")

    def on_mount(self) -> None:
        """Typing searches at once."""
        self.set_focus(self.query_one(Input))

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        """Shows what matches."""
        self.query_one("#help-rows", Static).update(self._content(event.value))

    def action_scroll(self, lines: int) -> None:
        """Moves the list while the filter keeps the focus."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_back(self) -> None:
        """Closes the help."""
        self.dismiss(None)

    def _content(self, text: str) -> Content:
        parts: list[Content | str | tuple[str, str]] = []
        for place, lines in rows(self.keys, text):
            parts.append((f"{place}\n", "bold underline"))
            for keys, tooltip, command_id in lines:
                parts += [(f"  {keys:<12}", "bold"), f"{tooltip:<42}", (f" {command_id}\n", "dim")]
            parts.append("\n")
        return Content.assemble(*parts) if parts else Content("Nothing matches.")
