"""Step 2: when the token expires."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.when_field import WhenField


class ExpirationStep(StepPane):
    """Presets, a moment of one's own, never."""

    def compose(self) -> ComposeResult:
        """One widget does it all; rotation and renewal have the same."""
        yield WhenField(self.draft, self.limits)

    def show(self, draft: Draft, errors: dict[str, str], *, now: bool = False) -> None:
        """What it resolves to."""
        super().show(draft, errors, now=now)
        self.query_one(WhenField).show(draft, now=now)

    def set_limits(self, limits: DraftLimits) -> None:
        super().set_limits(limits)
        self.query_one(WhenField).set_limits(limits)

    def typed(self) -> dict[str, Any]:
        """The choice, and the moment of one's own."""
        return {"expiry": self.query_one(Choice).value, "custom": self.query_one(Field).value}

    def begin(self) -> None:
        """At the choice."""
        self.screen.set_focus(self.query_one(Choice))

    @on(WhenField.Changed)
    def changed(self, event: WhenField.Changed) -> None:
        """Another expiry."""
        event.stop()
        self.post_message(self.DraftChanged({"expiry": event.expiry, "custom": event.custom}))
