"""A last use never lies ahead of now, whatever a clock that was wrong has written."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from tests.factories import FrozenClock, make_token
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.models import Secret, Token
from tokentui.tokens import reads


def test_a_last_use_ahead_of_now(context: Context, clock: FrozenClock) -> None:
    """A clock that was set back, or another machine's: it is shown as now, and as it is once its time has come."""
    token = make_token(context).token
    ahead = context.now() + timedelta(hours=1)
    with context.database.write() as session:
        session.execute(update(Token).values(last_used_at=ahead))
        session.execute(update(Secret).values(last_used_at=ahead))
        session.commit()

    def shown() -> set[datetime | None]:
        (listed,), (secret,) = pages.page(context, ListSpec()), reads.list_secrets(context, token.id)
        (working,) = reads.working_secrets(context, [token.id])[token.id]
        return {record.last_used_at for record in (reads.get_token(context, token.id), listed, secret, working)}

    assert shown() == {context.now()}
    clock.move(hours=2)
    assert shown() == {ahead}


def test_last_uses_ahead_of_now_keep_their_places(context: Context) -> None:
    """Each is on one page of the list that is sorted by them, though they are shown alike."""
    names = "abcd"
    for hours, name in enumerate(names):
        token = make_token(context, name).token
        with context.database.write() as session:
            moment = context.now() + timedelta(hours=hours - 1)
            session.execute(update(Token).where(Token.id == token.id).values(last_used_at=moment))
            session.commit()
    spec = ListSpec(sort=Sort(SortField.LAST_USED, descending=True))
    shown = list(pages.page(context, spec, limit=1))
    while following := pages.page(context, spec, after=cursor_of(shown[-1], spec), limit=1):
        shown += following
    assert "".join(row.name for row in shown) == names[::-1]
    assert all(row.last_used_at is not None and row.last_used_at <= context.now() for row in shown)
