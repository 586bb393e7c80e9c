"""Step 5: what was made, with its key."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokentui.context import Context
from tokentui.records import Issued, TokenRecord
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.ui import wording
from tokentui.ui.text import safe_text


class SummaryPane(Vertical):
    """Every setting, the ID, and the key, covered."""

    def __init__(self, issued: Issued, context: Context) -> None:
        super().__init__(id="summary")
        self._issued = issued
        self._given = context

    def compose(self) -> ComposeResult:
        """The key first: it is what one came for."""
        token = self._issued.token
        yield Static(Content(f"{token.label} is ready."), id="summary-done")
        if self._issued.same_name is not None:
            yield Static(Content(f"⚠ {wording.same_name_text(self._issued.same_name)}"), classes="warning")
        yield SecretField(token.id)
        with VerticalScroll(can_focus=False):
            for name, value in _settings(token, self._given):
                yield Static(Content.assemble((f"{name:<14}", "dim"), value))


def _settings(token: TokenRecord, context: Context) -> Iterator[tuple[str, str]]:
    yield "Name", safe_text(token.name)
    yield "External ID", safe_text(token.external_id or "—")
    yield "Description", safe_text(token.description.replace("\n", " ")) or "—"
    expires = wording.exact(token.expires_at, context.zone)
    if token.expires_at is not None:
        expires += f", {wording.relative(token.expires_at, context.now())}"
    yield "Expires", expires
    yield "Extension", wording.extension_text(token)
    yield "Permissions", "All Modules" if token.all_modules else safe_text(", ".join(token.modules))
