"""What a step of the wizard is to the wizard: a part of the draft, shown and edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.containers import Vertical
from textual.message import Message

from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.limits import DraftLimits


class StepPane(Vertical):
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

    def show(self, draft: Draft, errors: dict[str, str], *, now: bool = False) -> None:
        """Shows the draft as it is now; `now` also shows errors of inputs that were not left yet."""
        self.draft = draft

    def set_limits(self, limits: DraftLimits) -> None:
        """The clock has gone on."""
        self.limits = limits

    def typed(self) -> dict[str, Any]:
        """What stands in the step's inputs now: a message about the last key may still be on its way."""
        return {}

    def begin(self) -> None:
        """The step comes into view: puts the focus where one begins."""
