"""Step 1: name, external ID, description. The edit form has the same."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.field import Field
from tokentui.validation import DESCRIPTION_LENGTH


class GeneralStep(StepPane):
    """Three fields."""

    def compose(self) -> ComposeResult:
        """In order."""
        yield Field("name", "Name", self.draft.name)
        yield Field("external_id", "External ID", self.draft.external_id, note="optional")
        yield Field("description", "Description", self.draft.description, lines=True, most=DESCRIPTION_LENGTH)

    def show(self, draft: Draft, errors: dict[str, str], *, now: bool = False) -> None:
        """Errors under their fields."""
        super().show(draft, errors, now=now)
        for field in self.query(Field):
            field.show_error(errors.get(field.name or "", ""), now=now)

    def typed(self) -> dict[str, Any]:
        """The three texts."""
        return {field.name or "": field.value for field in self.query(Field)}

    def begin(self) -> None:
        """At the name."""
        self.query(Field).first().focus_input()

    @on(Field.Changed)
    def changed(self, event: Field.Changed) -> None:
        """A field of the draft."""
        event.stop()
        self.post_message(self.DraftChanged({event.name: event.value}))
