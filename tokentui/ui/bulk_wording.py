"""What is said of an action on many tokens, before and after it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from tokentui.crypto.key_format import format_id
from tokentui.records import Action, Status
from tokentui.ui import wording

if TYPE_CHECKING:
    from tokentui.records import BulkRefusal, Plan

DONE = {
    Action.ENABLE: "enabled",
    Action.DISABLE: "disabled",
    Action.ROTATE: "rotated",
    Action.RENEW: "renewed",
    Action.DELETE: "deleted",
    Action.RESTORE: "restored",
    Action.PURGE: "removed for good",
}

_WILL = {
    Action.ENABLE: "work again",
    Action.DISABLE: "stop",
    Action.ROTATE: "get a new secret",
    Action.RENEW: "be extended",
    Action.DELETE: "stop",
    Action.RESTORE: "be restored",
    Action.PURGE: "be removed for good",
}

_STOPS = (Action.DISABLE, Action.DELETE)


def tokens(number: int) -> str:
    """`1 token`, `2 tokens`."""
    return f"{wording.thousands(number)} {'token' if number == 1 else 'tokens'}"


def sums(plan: Plan, now: datetime, zone: tzinfo) -> str:
    """`4 will stop · 2 of them used today · 1 already deleted`; `now` is aware, today is that of `zone`.

    Tokens that have expired have stopped already.
    """
    today = now.astimezone(zone).date()
    working = [token for token in plan.tokens if token.status is not Status.EXPIRED or plan.action not in _STOPS]
    used = sum(
        token.last_used_at is not None and token.last_used_at.astimezone(zone).date() == today for token in working
    )
    parts = [f"{wording.thousands(len(working))} will {_WILL[plan.action]}"]
    if used:
        parts.append(f"{wording.thousands(used)} of them used today")
    if stopped := len(plan.tokens) - len(working):
        parts.append(f"{wording.thousands(stopped)} expired, so stopped already")
    reasons = Counter(_short_reason(refusal) for refusal in plan.refused)
    parts += [f"{wording.thousands(number)} {reason}" for reason, number in reasons.items()]
    return " · ".join(parts)


def _short_reason(refusal: BulkRefusal) -> str:
    """`already deleted` of `TOK-… is deleted already: restore it …`; `expired, so left alone` of `… is expired: …`."""
    reason = refusal.reason.removeprefix(f"{format_id(refusal.id)} ").partition(":")[0].removeprefix("is ")
    if not refusal.name:
        return "no longer there"
    return f"already {reason.removesuffix(' already')}" if reason.endswith(" already") else f"{reason}, so left alone"
