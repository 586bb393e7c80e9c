"""What is asked before a token is deleted or disabled. The safe button has the focus; the token is named."""

from __future__ import annotations

from tokentui.context import Context
from tokentui.records import TokenRecord
from tokentui.screens.dialogs import Confirm
from tokentui.ui import wording


def confirm_delete(token: TokenRecord, context: Context) -> Confirm:
    """Asks whether to delete one token."""
    lines = [
        f"{token.label} stops working at its next request, everywhere.",
        "It stays under Deleted and can be restored.",
        "",
        _use(token, context),
    ]
    return Confirm(f"Delete {token.name}?", lines, confirm="Delete")


def confirm_disable(token: TokenRecord, context: Context) -> Confirm:
    """Asks whether to disable one token."""
    lines = [
        f"{token.label} stops working at its next request, everywhere.",
        "t enables it again, with the same key.",
        "",
        _use(token, context),
    ]
    return Confirm(f"Disable {token.name}?", lines, confirm="Disable")


def _use(token: TokenRecord, context: Context) -> str:
    """How much somebody would miss it."""
    if token.last_used_at is None:
        return "It was never used."
    where = f" from {token.last_used_from}" if token.last_used_from else ""
    return f"It was last used {wording.relative(token.last_used_at, context.now())}{where}."
