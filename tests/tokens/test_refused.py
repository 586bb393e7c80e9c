"""What is refused by a token's state or by the policy stands in the audit, with who tried it and why not."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.factories import make_token
from tokentui import audit
from tokentui.context import Context
from tokentui.errors import ReadOnly, WrongState
from tokentui.records import Action, NewToken, TokenChanges
from tokentui.tokens import bulk
from tokentui.tokens.create import create_token
from tokentui.tokens.edit import edit_token
from tokentui.tokens.policy import OutsidePolicy
from tokentui.tokens.secrets import reveal_keys, rotate_token, stop_old
from tokentui.validation import ValidationError


@pytest.fixture
def deleted(context: Context) -> int:
    token_id = make_token(context).token.id
    bulk.apply(context, Action.DELETE, (token_id,))
    return token_id


def test_a_key_that_may_not_be_shown(context: Context, deleted: int) -> None:
    with pytest.raises(WrongState) as raised:
        reveal_keys(context, deleted)
    entry = audit.entries(context)[0]
    assert (entry.action, entry.token_id, entry.actor) == ("refused", deleted, context.actor.name)
    assert entry.changes == {"attempt": (None, "reveal"), "reason": (None, raised.value.message)}


def test_every_way_to_change_a_token(context: Context, deleted: int) -> None:
    number = len(audit.entries(context))
    with pytest.raises(WrongState):
        rotate_token(context, deleted)
    with pytest.raises(WrongState):
        edit_token(context, deleted, TokenChanges(name="New"))
    with pytest.raises(WrongState):
        stop_old(context, deleted)
    attempts = [entry.changes["attempt"][1] for entry in audit.entries(context)[:-number]]
    assert attempts == ["stop-old", "edit", "rotate"]


def test_what_the_policy_refuses(context: Context) -> None:
    """A token that is not made has no ID yet."""
    strict = dataclasses.replace(
        context, settings=dataclasses.replace(context.settings, max_lifetime=timedelta(days=7))
    )
    with pytest.raises(OutsidePolicy):
        create_token(strict, NewToken(name="Forever", all_modules=True, expires_at=None))
    entry = audit.entries(context)[0]
    assert (entry.action, entry.token_id) == ("refused", None)
    assert "max_lifetime" in entry.changes["reason"][1]


def test_a_slip_of_the_pen_is_no_attempt(context: Context) -> None:
    number = len(audit.entries(context))
    with pytest.raises(ValidationError):
        create_token(context, NewToken(name="", all_modules=True))
    assert len(audit.entries(context)) == number


def test_where_nothing_can_be_written_the_refusal_is_what_is_raised(context: Context, deleted: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ReadOnly("nothing can be changed")

    broken = dataclasses.replace(context)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tokentui.tokens.refused._record", refuse)
        with pytest.raises(WrongState):
            reveal_keys(broken, deleted)
