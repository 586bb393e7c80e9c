"""Step 3: what the token is for."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.choice import Choice
from tokentui.ui.text import safe_text


class ExtensionStep(StepPane):
    """The catalogue's extensions, each with its line."""

    def compose(self) -> ComposeResult:
        """One choice."""
        options = [
            (
                each.slug,
                Content.assemble(
                    (f"{safe_text(each.name):<10}", "bold"), f" {each.code:<8} ", (safe_text(each.description), "dim")
                ),
            )
            for each in self.rules.catalog.extensions
        ]
        yield Choice(options, self.draft.extension, id="extension-choice")

    def begin(self) -> None:
        """At the choice."""
        self.screen.set_focus(self.query_one(Choice))

    @on(Choice.Changed)
    def changed(self, event: Choice.Changed) -> None:
        """Another extension."""
        event.stop()
        self.post_message(self.DraftChanged({"extension": event.value}))
