"""Step 3: what the token is for."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from tokentui.records import ExtensionRecord
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.choice import Choice
from tokentui.ui.text import safe_text


class ExtensionStep(StepPane):
    """The catalogue's extensions, each with its line of description."""

    def compose(self) -> ComposeResult:
        options = [(extension.slug, _option(extension)) for extension in self.limits.catalog.extensions]
        yield Choice(options, self.draft.extension, id="extension-choice")

    def typed(self) -> dict[str, Any]:
        return {"extension": self.query_one(Choice).value}

    def begin(self) -> None:
        self.screen.set_focus(self.query_one(Choice))

    @on(Choice.Changed)
    def choose(self, event: Choice.Changed) -> None:
        """Passes on which extension was chosen."""
        event.stop()
        self.post_message(self.DraftChanged({"extension": event.value}))


def _option(extension: ExtensionRecord) -> Content:
    asks = "asks for permissions" if extension.asks_permissions else "has permissions of its own"
    return Content.assemble(
        (safe_text(extension.name), "bold"),
        f"  {safe_text(extension.code)}".rstrip(),
        (f"  {asks}", "$text-muted"),
        (f"\n    {safe_text(extension.description)}", "$text-muted"),
    )
