"""What is asked before a token is deleted or disabled. The safe button has the focus; the token is named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tokentui.context import Context
from tokentui.records import Action, TokenRecord
from tokentui.screens.dialogs import Confirm
from tokentui.screens.keys import KeyTable
from tokentui.ui import wording
from tokentui.ui.text import safe_text


def confirm_stop(action: Action, token: TokenRecord, context: Context, keys: KeyTable) -> Confirm:
    """Asks whether to delete or to disable one token."""
    lines: list[str | Callable[[], str]] = [
        f"{token.label} stops working at its next request, everywhere.",
        "It stays under Deleted and can be restored."
        if action is Action.DELETE
        else f"{keys.first('token.toggle')} enables it again, with the same key.",
        "",
        partial(_use, token, context),
    ]
    verb = action.value.capitalize()
    return Confirm(f"{verb} {token.name}?", lines, confirm=verb)


def _use(token: TokenRecord, context: Context) -> str:
    """What the token was used for lately, so that one sees who would miss it."""
    if token.last_used_at is None:
        return "It was never used."
    where = f" from {safe_text(token.last_used_from)}" if token.last_used_from else ""
    return f"It was last used {wording.relative(token.last_used_at, context.now())}{where}."
