"""The top line: which database, who acts, and whether anything can be written."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tokentui.screens.base import context_of
from tokentui.ui.text import safe_text


class TitleBar(Horizontal):
    """`tokentui  tokens.db … alice@10.0.0.5 · read-write`; a demo says so."""

    def compose(self) -> ComposeResult:
        context = context_of(self.app)
        access = "read-only" if context.database.read_only else "read-write"
        name = "DEMO, sample tokens" if context.is_demo else safe_text(context.database.name)
        yield Static(Content(f"tokentui  {name}"), id="title-left")
        yield Static(Content(f"{safe_text(context.actor.label)} · {access}"), id="title-right")
