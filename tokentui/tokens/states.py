"""The one table of states: what can be done to a token of which status, and what to do where it can't be done.

Services, bulk actions, commands, the row menu and the footer all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping

from tokentui.errors import WrongState
from tokentui.records import Action, Status, TokenRecord

_NOT_DELETED = frozenset(Status) - {Status.DELETED}
_ENABLED = frozenset({Status.ACTIVE, Status.EXPIRING, Status.EXPIRED})
_RESTORE_FIRST = ("is deleted", "run `tokentui restore {id}` first")
_PERPETUAL = ("never expires", "there is nothing to renew: rotate it for a new secret")

OFFERED_FOR: Mapping[Action, frozenset[Status]] = {
    Action.EDIT: _NOT_DELETED,
    Action.REVEAL: _NOT_DELETED,
    # A new secret of an expired token would not work either.
    Action.ROTATE: _NOT_DELETED - {Status.EXPIRED},
    # Only where there is an expiry, whatever the status: see `refusal`.
    Action.RENEW: _NOT_DELETED,
    # Whether an old secret works is not a matter of the status: see `secrets.stop_old`.
    Action.STOP_OLD: _NOT_DELETED,
    Action.ENABLE: frozenset({Status.DISABLED}),
    Action.DISABLE: _ENABLED,
    Action.DELETE: _NOT_DELETED,
    Action.RESTORE: frozenset({Status.DELETED}),
    Action.PURGE: frozenset({Status.DELETED}),
}
"""The statuses that an action is offered for. Each action writes (REVEAL its audit entry): none is read-only."""

BULK_ACTIONS = frozenset(
    {Action.ENABLE, Action.DISABLE, Action.ROTATE, Action.RENEW, Action.DELETE, Action.RESTORE, Action.PURGE}
)
"""What can be done to many tokens at once."""

_REASONS: Mapping[tuple[Action, Status], tuple[str, str]] = {
    (Action.ROTATE, Status.EXPIRED): ("is expired", "a new secret would not work either: renew it"),
    (Action.ENABLE, Status.ACTIVE): ("is not disabled", "it works already"),
    (Action.ENABLE, Status.EXPIRING): ("is not disabled", "it works already"),
    (Action.ENABLE, Status.EXPIRED): ("is expired, not disabled", "renew it"),
    (Action.DISABLE, Status.DISABLED): ("is disabled already", "enable it to let it work again"),
    (Action.DELETE, Status.DELETED): ("is deleted already", "restore it, or purge it to remove it for good"),
    **{(Action.RESTORE, status): ("is not deleted", "there is nothing to restore") for status in _NOT_DELETED},
    **{(Action.PURGE, status): ("is not deleted", "delete it first") for status in _NOT_DELETED},
}


def refusal(action: Action, token: TokenRecord, *, new_expiry: bool = False) -> WrongState | None:
    """Why the action is refused for the token as it stands, with what to do; None where it is allowed.

    `new_expiry`: a rotation that sets another expiry, which an expired token allows.
    """
    if token.status not in OFFERED_FOR[action]:
        if action is Action.ROTATE and token.status is Status.EXPIRED and new_expiry:
            return None
        reason, hint = _REASONS.get((action, token.status), _RESTORE_FIRST)
    elif action is Action.RENEW and token.expires_at is None:
        reason, hint = _PERPETUAL
    else:
        return None
    return WrongState(f"{token.label} {reason}", hint.format(id=token.label))


def require_allowed(action: Action, token: TokenRecord, *, new_expiry: bool = False) -> None:
    """Raises WrongState where `refusal` has a reason."""
    if error := refusal(action, token, new_expiry=new_expiry):
        raise error


def is_offered(action: Action, token: TokenRecord, *, read_only: bool = False) -> bool:
    """Whether menu and footer show the action for the token; nothing that writes is shown where `read_only`."""
    return not read_only and refusal(action, token) is None
