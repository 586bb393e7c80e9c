"""The table of states: each action for each status, and what is said where it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import START, make_token
from tokentui.context import Context
from tokentui.errors import WrongState
from tokentui.records import Action, Status, TokenRecord
from tokentui.tokens import states

ALLOWED = {
    Action.EDIT: "active expiring expired disabled",
    Action.REVEAL: "active expiring expired disabled",
    Action.ROTATE: "active expiring disabled",
    Action.RENEW: "active expiring expired disabled",
    Action.STOP_OLD: "active expiring expired disabled",
    Action.ENABLE: "disabled",
    Action.DISABLE: "active expiring expired",
    Action.DELETE: "active expiring expired disabled",
    Action.RESTORE: "deleted",
    Action.PURGE: "deleted",
}


@pytest.fixture
def token(context: Context) -> TokenRecord:
    """A token that expires in 30 days."""
    return make_token(context).token


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", Status)
def test_each_action_for_each_status(token: TokenRecord, action: Action, status: Status) -> None:
    """Allowed, or refused in one line that names the token and says what to do."""
    token = replace(token, status=status)
    if status.value in ALLOWED[action].split():
        states.require_allowed(action, token)
        assert states.is_offered(action, token)
        return
    with pytest.raises(WrongState) as refused:
        states.require_allowed(action, token)
    assert refused.value.message.startswith(token.label)
    assert refused.value.hint
    assert "\n" not in str(refused.value)
    assert not states.is_offered(action, token)


def test_a_token_that_never_expires_is_not_renewed(token: TokenRecord) -> None:
    """There is nothing to renew, and the menu leaves it out."""
    perpetual = replace(token, expires_at=None)
    with pytest.raises(WrongState, match="never expires"):
        states.require_allowed(Action.RENEW, perpetual)
    assert not states.is_offered(Action.RENEW, perpetual)
    assert states.is_offered(Action.RENEW, token)


def test_an_expired_token_is_rotated_with_a_new_expiry_alone(token: TokenRecord) -> None:
    """`rotate --expires` makes it work again; a deleted one is never rotated."""
    expired = replace(token, status=Status.EXPIRED, expires_at=START - timedelta(days=1))
    assert states.refusal(Action.ROTATE, expired, new_expiry=True) is None
    assert states.refusal(Action.ROTATE, expired) is not None
    assert states.refusal(Action.ROTATE, replace(token, status=Status.DELETED), new_expiry=True) is not None


def test_nothing_that_writes_is_offered_where_nothing_may_be_written(token: TokenRecord) -> None:
    """Showing a key writes too: its audit entry."""
    assert not any(states.is_offered(action, token, read_only=True) for action in Action)


def test_every_action_on_many_is_in_the_table() -> None:
    """No action can be applied that the table knows nothing of."""
    assert set(states.OFFERED_FOR) >= states.BULK_ACTIONS
    assert set(states.OFFERED_FOR) == set(Action)
