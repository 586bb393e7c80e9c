"""The top line: which database, who acts, and whether anything can be written."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tokentui.screens.base import context_of
from tokentui.ui.text import safe_text

_WORKING = " ⋯ working"


class TitleBar(Horizontal):
    """`tokentui  tokens.db … alice@10.0.0.5 · read-write`."""

    def compose(self) -> ComposeResult:
        """Left and right."""
        context = context_of(self.app)
        access = "read-only" if context.database.read_only else "read-write"
        yield Static(Content(f"tokentui  {safe_text(context.database.name)}"), id="title-left")
        yield Static(Content(f"{safe_text(context.actor.label)} · {access}"), id="title-right")

    def show_busy(self, busy: bool) -> None:
        """Says that something takes its time."""
        name = f"tokentui  {safe_text(context_of(self.app).database.name)}"
        self.query_one("#title-left", Static).update(Content(name + (_WORKING if busy else "")))


class Notice(Static):
    """What stands in place of rows where there are none, or over them where they can't be read."""

    def say(self, *lines: str) -> None:
        """Shows lines of plain text; none hides it."""
        self.update(Content("\n".join(lines)))
        self.display = bool(lines)
