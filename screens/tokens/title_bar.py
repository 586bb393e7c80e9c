"""The top line: which database, who acts, and whether anything can be written."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tokentui.screens.base import context_of
from tokentui.screens.widgets import line
from tokentui.ui.text import safe_text

_WITH_COMMAND = 110
"""Columns from which on the reminder of a backup says how to make one."""


class TitleBar(Horizontal):
    """`tokentui  tokens.db … alice@10.0.0.5 · read-write`; a demo says so."""

    _is_backup_due = False

    def remind_of_backup(self, is_due: bool) -> None:
        """Says that there is no copy of the master key, or says so no more."""
        if is_due is not self._is_backup_due:
            self._is_backup_due = is_due
            self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        place = self.query_one("#backup", Static)
        place.display = self._is_backup_due
        if self._is_backup_due:
            command = ": run tokentui vault backup" if self.size.width >= _WITH_COMMAND else ""
            line.show(place, f"the master key has no backup{command}")

    def compose(self) -> ComposeResult:
        context = context_of(self.app)
        access = "read-only" if context.database.read_only else "read-write"
        name = "DEMO, sample tokens" if context.is_demo else safe_text(context.database.name)
        yield Static(Content(f"tokentui  {name}"), id="title-left")
        reminder = Static("", id="backup", markup=False)
        reminder.display = False
        yield reminder
        yield Static(Content(f"{safe_text(context.actor.label)} · {access}"), id="title-right")
