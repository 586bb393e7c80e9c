"""Every change: one transaction with its audit entry, one version, and the counter that a gate looks at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import WrongState
from tokentui.models import Epoch, Secret, Token, Usage
from tokentui.records import Action, Status, TokenChanges
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.edit import edit_token

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def epoch(context: Context) -> int:
    """The counter that a gate looks at."""
    with context.database.read() as session:
        return session.scalar(select(Epoch.value)) or 0


def test_a_change_and_its_audit_entry_are_one_transaction(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the entry can't be written, nothing is."""
    number = make_token(context, "A").token.id

    def fails(*_: object, **__: object) -> None:
        raise WrongState("no audit")

    monkeypatch.setattr(audit, "record", fails)
    with pytest.raises(WrongState):
        edit_token(context, number, TokenChanges(name="B"))
    with pytest.raises(WrongState):
        bulk.apply(context, Action.DELETE, [number])
    token = reads.get_token(context, number)
    assert (token.name, token.status, token.version) == ("A", Status.ACTIVE, 1)


def test_the_epoch_moves_with_what_a_gate_must_see(context: Context, clock: FrozenClock) -> None:
    """And not with the counting of uses."""
    number = make_token(context).token.id
    for change in (
        lambda: edit_token(context, number, TokenChanges(name="New")),
        lambda: secrets.rotate_token(context, number),
        lambda: bulk.apply(context, Action.DISABLE, [number]),
        lambda: edit_token(context, number, TokenChanges(modules=("usage",))),
    ):
        before = epoch(context)
        change()
        assert epoch(context) != before
    before = epoch(context)
    with context.database.write() as session:
        session.execute(update(Token).where(Token.id == number).values(last_used_at=clock(), last_used_from="x"))
        session.execute(update(Secret).values(last_used_at=clock()))
        session.add(Usage(token_id=number, slot=1, success=1))
        session.commit()
    assert epoch(context) == before
