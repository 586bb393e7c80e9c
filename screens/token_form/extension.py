"""Step 3: what the token is for."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokentui.records import ExtensionRecord
from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.form_keys import KeyHint
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.choice import Choice
from tokentui.ui.text import safe_text


class ExtensionStep(StepPane):
    """The catalogue's extensions, each with its line of description."""

    def compose(self) -> ComposeResult:
        options = [(extension.slug, _option(extension)) for extension in self.limits.catalog.extensions]
        yield Choice(options, self.draft.extension, id="extension-choice")
        yield Static("", id="extension-error", markup=False)

    def show(self, draft: Draft, errors: dict[str, str], *, at_once: bool = False) -> None:
        super().show(draft, errors, at_once=at_once)
        line = self.query_one("#extension-error", Static)
        line.update(Content(errors.get("extension", "")))
        line.display = "extension" in errors

    def focus_field(self, field: str) -> None:
        self.begin()

    def typed(self) -> dict[str, Any]:
        return {"extension": self.query_one(Choice).value}

    def begin(self) -> None:
        self.screen.set_focus(self.query_one(Choice))

    def key_hints(self) -> tuple[KeyHint, ...]:
        return (KeyHint("↑↓", "choose"),)

    @on(Choice.Changed)
    def choose(self, event: Choice.Changed) -> None:
        """Passes on which extension was chosen."""
        event.stop()
        self.post_message(self.DraftChanged({"extension": event.value}))


def _option(extension: ExtensionRecord) -> Content:
    if extension.asks_permissions:
        gets = "you choose the modules"
    else:
        number = len(extension.modules)
        gets = "all modules" if extension.all_modules else f"{number} module{'' if number == 1 else 's'}"
    return Content.assemble(
        (safe_text(f"{extension.name} {extension.code}".strip()), "bold"),
        (f"   {gets}", "$text-muted"),
        (f"\n    {safe_text(extension.description)}", "$text-muted"),
    )
