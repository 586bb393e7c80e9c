"""What a command on tokens is called as things stand: `Enable` for a disabled token, `Disable 2` with marks."""

from __future__ import annotations

from collections.abc import Collection

from tokentui.records import Status, TokenRecord
from tokentui.screens.command import Command
from tokentui.tokens import states
from tokentui.ui.wording import thousands


def label_for_one(command: Command, token: TokenRecord | None) -> str | None:
    """The command's label for one token; None where there is none or it does not allow the command."""
    if token is None or not command.is_offered_for(token):
        return None
    if command.id == "token.toggle" and token.disabled_at is not None:
        return "Enable"
    return command.label


def label_for_many(command: Command, statuses: Collection[Status], unknown: int) -> str | None:
    """The command's label for marked tokens of these statuses, with how many of them it is about.

    `unknown` more are marked whose status is not at hand: they count as ones that allow it.
    """
    for action in command.actions:
        allowed = sum(status in states.OFFERED_FOR[action] for status in statuses) + unknown
        if action in states.BULK_ACTIONS and allowed:
            return f"{action.value.capitalize()} {thousands(allowed)}"
    return None
