"""Step 1: what the token is called, and who answers for it."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.field import Field
from tokentui.validation import DESCRIPTION_LENGTH


class GeneralStep(StepPane):
    """Name, external ID, owner, description."""

    def compose(self) -> ComposeResult:
        yield Field("name", "Name", self.draft.name)
        yield Field("external_id", "External ID", self.draft.external_id, note="optional")
        note = "" if self.limits.policy.require_owner else "optional"
        yield Field(
            "owner", "Owner", self.draft.owner, note=note, placeholder="who answers for it: a name, team, address"
        )
        yield Field("description", "Description", self.draft.description, rows=4, limit=DESCRIPTION_LENGTH)

    def show(self, draft: Draft, errors: dict[str, str], *, at_once: bool = False) -> None:
        super().show(draft, errors, at_once=at_once)
        for field in self.query(Field):
            field.show_error(errors.get(field.name or "", ""), at_once=at_once)

    def warn_of_name(self, warning: str) -> None:
        """Says something under the name that does not stand in the way; an empty text takes it away."""
        self.query_one("#field-name", Field).show_warning(warning)

    def typed(self) -> dict[str, Any]:
        return {field.name or "": field.value for field in self.query(Field)}

    def begin(self) -> None:
        self.query(Field).first().focus_input()

    @on(Field.Changed)
    def pass_on(self, event: Field.Changed) -> None:
        """Posts the field of the draft that was typed in."""
        event.stop()
        self.post_message(self.DraftChanged({event.name: event.value}))
