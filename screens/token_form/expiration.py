"""Step 2: when the token expires."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from tokentui.screens.token_form.draft import CUSTOM, Draft
from tokentui.screens.token_form.form_keys import KeyHint
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.when_field import WhenField


class ExpirationStep(StepPane):
    """Presets, a moment of one's own, never."""

    def compose(self) -> ComposeResult:
        yield WhenField(self.draft, self.limits)

    def show(self, draft: Draft, errors: dict[str, str], *, at_once: bool = False) -> None:
        super().show(draft, errors, at_once=at_once)
        self.query_one(WhenField).show(draft, at_once=at_once)

    def set_limits(self, limits: DraftLimits) -> None:
        super().set_limits(limits)
        self.query_one(WhenField).set_limits(limits)

    def typed(self) -> dict[str, Any]:
        return {"expiry": self.query_one(Choice).value, "custom": self.query_one(Field).value}

    def begin(self) -> None:
        self.screen.set_focus(self.query_one(Choice))

    def focus_field(self, field: str) -> None:
        if self.draft.expiry == CUSTOM:
            super().focus_field(field)
        else:
            self.begin()

    def key_hints(self) -> tuple[KeyHint, ...]:
        return (KeyHint("↑↓", "choose"),)

    @on(WhenField.Changed)
    def pass_on(self, event: WhenField.Changed) -> None:
        """Posts the choice, and the moment as it was typed."""
        event.stop()
        self.post_message(self.DraftChanged({"expiry": event.expiry, "custom": event.custom}))
