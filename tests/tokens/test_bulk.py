"""Actions on many tokens: looked at first, then done to all, to none, or to those that allow it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import NoSuchToken, ReadOnly, WrongState
from tokentui.models import Secret
from tokentui.records import Action, Status, TokenChanges
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.edit import edit_token

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def rows(context: Context, table: type) -> int:
    """How many rows a table has."""
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_states_one_after_another(context: Context, clock: FrozenClock) -> None:
    """Each change, its status, and what each refuses."""
    number = make_token(context).token.id

    def do(action: Action) -> Status:
        outcome = bulk.apply(context, action, [number])
        assert outcome.done == (number,), outcome.refused
        return reads.get_token(context, number).status

    assert do(Action.DISABLE) is Status.DISABLED
    assert do(Action.ENABLE) is Status.ACTIVE
    assert do(Action.DELETE) is Status.DELETED
    for action in (Action.DELETE, Action.DISABLE, Action.ENABLE, Action.ROTATE):
        assert bulk.apply(context, action, [number]).refused, action
    for call in (
        lambda: edit_token(context, number, TokenChanges(name="x")),
        lambda: secrets.reveal_keys(context, number),
        lambda: secrets.renew_token(context, number, expires_at=clock() + HOUR),
    ):
        with pytest.raises(WrongState, match="deleted"):
            call()
    assert do(Action.RESTORE) is Status.ACTIVE
    assert bulk.apply(context, Action.PURGE, [number]).refused
    do(Action.DELETE)
    clock.move(days=2)
    assert bulk.purge_candidates(context, timedelta(days=3)) == ()
    assert bulk.purge_candidates(context) == (number,)
    assert bulk.apply(context, Action.PURGE, [number]).done == (number,)
    with pytest.raises(NoSuchToken):
        reads.get_token(context, number)
    assert rows(context, Secret) == 0
    assert audit.entries(context, number)[0].action == "purge"


def test_bulk_is_all_or_nothing_or_partial(context: Context) -> None:
    """As the caller asks; a plan changes nothing."""
    first, second = make_token(context, "A").token.id, make_token(context, "B").token.id
    bulk.apply(context, Action.DISABLE, [first])
    ids = [first, second, 7]
    plan = bulk.plan(context, Action.DISABLE, ids)
    assert [token.id for token in plan.tokens] == [second]
    assert [refusal.id for refusal in plan.refused] == [first, 7]
    assert bulk.apply(context, Action.DISABLE, ids).done == ()
    assert reads.get_token(context, second).status is Status.ACTIVE
    assert bulk.apply(context, Action.DISABLE, ids, partial=True).done == (second,)
    bulk.apply(context, Action.ENABLE, [first, second])
    rotated = bulk.apply(context, Action.ROTATE, [first, second], overlap=HOUR)
    assert len(rotated.issued) == 2


def test_read_only_writes_nothing(context: Context, open_as: Callable[..., Context]) -> None:
    """Reading works."""
    number = make_token(context).token.id
    other = open_as(read_only=True)
    assert reads.get_token(other, number).id == number
    with pytest.raises(ReadOnly):
        bulk.apply(other, Action.DISABLE, [number])


def test_a_token_with_the_most_secrets_is_told_in_the_preview_and_left_alone(context: Context) -> None:
    """The others are rotated; without `partial`, none is."""
    full, other = make_token(context, "Full").token.id, make_token(context, "Other").token.id
    for _ in range(secrets.MOST_LIVE_SECRETS - 1):
        secrets.rotate_token(context, full, overlap=HOUR)
    for overlap in (HOUR, timedelta(0)):
        plan = bulk.plan(context, Action.ROTATE, [full, other])
        assert [token.id for token in plan.tokens] == [other]
        assert [(refusal.id, "4 secrets that work" in refusal.reason) for refusal in plan.refused] == [(full, True)]
        assert bulk.apply(context, Action.ROTATE, [full, other], overlap=overlap).done == ()
        done = bulk.apply(context, Action.ROTATE, [full, other], overlap=overlap, partial=True)
        assert (done.done, done.refused) == ((other,), plan.refused)
    assert len(reads.list_secrets(context, full)) == secrets.MOST_LIVE_SECRETS


def test_old_secrets_that_have_stopped_do_not_count(context: Context, clock: FrozenClock) -> None:
    """An hour later the token is rotated with the others."""
    number = make_token(context).token.id
    for _ in range(secrets.MOST_LIVE_SECRETS - 1):
        secrets.rotate_token(context, number, overlap=HOUR)
    clock.move(hours=1)
    assert bulk.apply(context, Action.ROTATE, [number], overlap=HOUR).done == (number,)
