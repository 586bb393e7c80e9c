"""What is said of an action on many tokens, before and after it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, tzinfo

from tokentui.crypto.key_format import format_id
from tokentui.records import Action, BulkRefusal, Plan
from tokentui.ui import wording

DONE = {
    Action.ENABLE: "enabled",
    Action.DISABLE: "disabled",
    Action.ROTATE: "rotated",
    Action.DELETE: "deleted",
    Action.RESTORE: "restored",
    Action.PURGE: "removed for good",
}

_WILL = {
    Action.ENABLE: "work again",
    Action.DISABLE: "stop",
    Action.ROTATE: "get a new secret",
    Action.DELETE: "stop",
    Action.RESTORE: "be restored",
    Action.PURGE: "be removed for good",
}


def tokens(number: int) -> str:
    """`1 token`, `2 tokens`."""
    return f"{wording.thousands(number)} {'token' if number == 1 else 'tokens'}"


def sums(plan: Plan, now: datetime, zone: tzinfo) -> str:
    """`4 will stop · 2 of them used today · 1 already deleted`; `now` is aware, today is that of `zone`."""
    today = now.astimezone(zone).date()
    used = sum(
        token.last_used_at is not None and token.last_used_at.astimezone(zone).date() == today for token in plan.tokens
    )
    parts = [f"{wording.thousands(len(plan.tokens))} will {_WILL[plan.action]}"]
    if used:
        parts.append(f"{wording.thousands(used)} of them used today")
    reasons = Counter(_short_reason(refusal) for refusal in plan.refused)
    parts += [f"{wording.thousands(number)} {reason}" for reason, number in reasons.items()]
    return " · ".join(parts)


def _short_reason(refusal: BulkRefusal) -> str:
    """`already deleted` of `TOK-… is deleted already: restore it …`."""
    reason = refusal.reason.removeprefix(f"{format_id(refusal.id)} ").partition(":")[0].removeprefix("is ")
    if not refusal.name:
        return "no longer there"
    return f"already {reason.removesuffix(' already')}" if reason.endswith(" already") else reason
