"""Reading tokens, and counting them by status."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import FrozenClock, make_token
from tokentui.context import Actor, Context
from tokentui.records import Action
from tokentui.tokens import bulk, reads

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def test_counts_follow_the_clock(context: Context, clock: FrozenClock) -> None:
    """Status is computed: nobody writes when a token expires."""
    make_token(context, days=8)
    make_token(context, days=None)
    bulk.apply(context, Action.DELETE, [make_token(context).token.id])
    bulk.apply(context, Action.DISABLE, [make_token(context).token.id])
    assert list(reads.count_by_status(context).values()) == [2, 0, 0, 1, 1]
    clock.move(days=2)
    assert list(reads.count_by_status(context).values()) == [1, 1, 0, 1, 1]
    clock.move(days=7)
    assert list(reads.count_by_status(context).values()) == [1, 0, 1, 1, 1]
