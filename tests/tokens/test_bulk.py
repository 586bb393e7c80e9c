"""Actions on many tokens: looked at first, then done to all, to none, or to those that allow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock, make_many, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import NoSuchToken, ReadOnly, Stopped, WrongState
from tokentui.models import AuditEntry, Secret
from tokentui.records import Action, Status, TokenChanges
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.edit import edit_token
from tokentui.tokens.progress import Progress

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


@pytest.mark.sqlite
def test_ten_thousand_are_done_in_one_transaction_or_none(context: Context) -> None:
    """Stopped after a part, nothing was done and nothing is in the audit; else each is, with an entry of its own."""
    ids = make_many(context, 10_000)
    before = rows(context, AuditEntry)

    class StoppedSoon(Progress):
        def advance(self, number: int = 0) -> None:
            if self.done >= 1_000:
                assert self.stop()
            super().advance(number)

    progress = StoppedSoon()
    with pytest.raises(Stopped, match="nothing was done"):
        bulk.apply(context, Action.DISABLE, ids, progress=progress)
    assert (progress.done, progress.total) == (1_500, 10_000)
    assert reads.count_by_status(context)[Status.ACTIVE] == 10_000
    assert rows(context, AuditEntry) == before
    whole = Progress()
    assert len(bulk.apply(context, Action.DISABLE, ids, progress=whole).done) == 10_000
    assert (whole.done, whole.stop()) == (10_000, False)
    assert reads.count_by_status(context)[Status.DISABLED] == 10_000
    assert rows(context, AuditEntry) == before + 10_000


@pytest.mark.parametrize("action", [Action.ROTATE, Action.RENEW, Action.PURGE])
def test_every_action_can_be_stopped(context: Context, action: Action) -> None:
    """Before anything is written, and after all but the commit is."""
    ids = make_many(context, 2)
    if action is Action.PURGE:
        bulk.apply(context, Action.DELETE, ids)
    before = [reads.get_token(context, number) for number in ids]

    class StoppedLate(Progress):
        def finish(self) -> None:
            self.stop()
            super().finish()

    early, late = Progress(), StoppedLate()
    early.stop()
    for progress, done in ((early, 0), (late, 2)):
        with pytest.raises(Stopped):
            bulk.apply(context, action, ids, overlap=HOUR, extend=HOUR, progress=progress)
        assert progress.done == done
        assert [reads.get_token(context, number) for number in ids] == before


def test_an_extension_leaves_those_alone_that_would_live_too_long(context: Context) -> None:
    """They are named in the plan and in the result; the others are extended."""
    near, far = make_token(context, "Near", days=10).token.id, make_token(context, "Far", days=80).token.id
    context.settings = replace(context.settings, max_lifetime=timedelta(days=100))
    plan = bulk.plan(context, Action.RENEW, [near, far])
    assert [token.id for token in plan.tokens] == [near, far]
    month = timedelta(days=30)
    planned = bulk.plan_extension(context, plan, month)
    assert [token.id for token in planned.tokens] == [near]
    assert [(refusal.id, "100 days (max_lifetime)" in refusal.reason) for refusal in planned.refused] == [(far, True)]
    assert bulk.plan_extension(context, plan, timedelta.max).tokens == ()
    done = bulk.apply(context, Action.RENEW, [near, far], partial=True, extend=month)
    assert (done.done, done.refused) == ((near,), planned.refused)
    assert reads.get_token(context, near).expires_at == context.now() + timedelta(days=40)
    assert reads.get_token(context, far).expires_at == context.now() + timedelta(days=80)
