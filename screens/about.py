"""Which program this is, and where its things are."""

from __future__ import annotations

import platform

import textual
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokentui import __version__
from tokentui.screens.dialogs import Dialog
from tokentui.ui.text import safe_text


class AboutDialog(Dialog[None]):
    """Version, database, home, configuration."""

    TITLE_TEXT = "About tokentui"

    def compose_body(self) -> ComposeResult:
        settings, database = self.context.settings, self.context.database
        facts = {
            "Version": f"tokentui {__version__}, Textual {textual.__version__}, Python {platform.python_version()}",
            "Database": str(database.path or database.name),
            "Access": "read-only" if database.read_only else "read-write",
            "You are": self.context.actor.label,
            "Home": str(settings.home),
            "Settings": str(settings.config_file),
        }
        for label, fact in facts.items():
            yield Static(Content.assemble((f"{label:<10}", "$text-muted"), safe_text(fact)))
        yield Static("")
