"""What a step is to the wizard and to the edit form: a part of the draft, shown and edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.containers import VerticalScroll
from textual.message import Message

from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.form_keys import KeyHint
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.widgets.field import Field


class StepPane(VerticalScroll, can_focus=False):
    """One step. It posts `DraftChanged` with the fields that were changed, and shows what is wrong with them."""

    @dataclass
    class DraftChanged(Message):
        """Something was typed or chosen."""

        fields: dict[str, Any]
        """The draft's fields with their new values."""

    def __init__(self, draft: Draft, limits: DraftLimits, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.draft = draft
        self.limits = limits

    def show(self, draft: Draft, errors: dict[str, str], *, at_once: bool = False) -> None:
        """Shows the draft as it is now; `at_once` also shows errors of inputs that were not left yet."""
        self.draft = draft

    def set_limits(self, limits: DraftLimits) -> None:
        """The clock has gone on."""
        self.limits = limits

    def typed(self) -> dict[str, Any]:
        """What stands in the step's inputs now: a message about the last key may still be on its way."""
        return {}

    def begin(self) -> None:
        """The step comes into view: puts the focus where one begins."""

    def focus_field(self, field: str) -> None:
        """Puts the focus where `field` is typed or chosen."""
        for widget in self.query(Field):
            if widget.name == field:
                widget.focus_input()

    def key_hints(self) -> tuple[KeyHint, ...]:
        """The step's own keys, for the line of keys."""
        return (KeyHint("tab", "next field", "app.focus_next"),)

    def count(self) -> str:
        """How much of what is chosen, for the title; empty where nothing is counted."""
        return ""
