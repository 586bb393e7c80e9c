"""The status of a token is one thing in SQL and in Python."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from sqlalchemy import select, update

from tests.factories import START, make_many
from tokentui.context import Context
from tokentui.models import Status, Token, status_is, status_of

EXPIRING = timedelta(days=14)
EXPIRIES = [
    None,
    *(START + distance for distance in (timedelta(-1), timedelta(0), timedelta(microseconds=1), EXPIRING)),
    START + EXPIRING + timedelta(microseconds=1),
]


def test_sql_and_python_agree(context: Context) -> None:
    """To the microsecond, in every combination of times; and each token has one status."""
    times = list(product(EXPIRIES, (None, START), (None, START)))
    ids = make_many(context, len(times))
    with context.database.write() as session:
        for token_id, (expires, disabled, deleted) in zip(ids, times, strict=True):
            values = {"expires_at": expires, "disabled_at": disabled, "deleted_at": deleted}
            session.execute(update(Token).where(Token.id == token_id).values(**values))
        session.commit()
    expected = {
        token_id: status_of(deleted_at=deleted, disabled_at=disabled, expires_at=expires, now=START, expiring=EXPIRING)
        for token_id, (expires, disabled, deleted) in zip(ids, times, strict=True)
    }
    assert set(expected.values()) == set(Status)
    with context.database.read() as session:
        for status in Status:
            chosen = set(session.scalars(select(Token.id).where(status_is(status, now=START, expiring=EXPIRING))))
            assert chosen == {token_id for token_id, one in expected.items() if one is status}
