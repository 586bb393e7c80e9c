"""The sums that triggers keep are what counting gives, whatever changes and however time passes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from tests.factories import START, FrozenClock
from tests.listing.query_plans import plan_of, statements_of
from tokentui.context import Context
from tokentui.listing import counts
from tokentui.listing.spec import ListSpec
from tokentui.models import Token, status_is
from tokentui.records import Status
from tokentui.tokens import reads

pytestmark = pytest.mark.sqlite  # what PostgreSQL does by its own indexes

MOMENTS = st.none() | st.timedeltas(timedelta(days=-20), timedelta(days=20)).map(START.__add__) | st.sampled_from(
    [START, START.replace(hour=0, minute=0), START + timedelta(days=7), START.replace(hour=0) + timedelta(days=7)]
)  # fmt: skip
STATES = st.none() | st.just(START)


def counted(context: Context) -> dict[Status, int]:
    """By the conditions of the statuses, row by row."""
    now, expiring = context.now(), context.settings.expiring_within
    with context.database.read() as session:
        return {
            status: session.scalar(
                select(func.count()).select_from(Token).where(status_is(status, now=now, expiring=expiring))
            )
            or 0
            for status in Status
        }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(MOMENTS, STATES, STATES), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), MOMENTS, STATES, STATES, st.booleans()), max_size=8),
    st.integers(0, 15 * 24),
)
def test_sums_and_rows_agree(
    context: Context,
    clock: FrozenClock,
    rows: list[tuple[object, object, object]],
    changes: list[tuple[int, object, object, object, bool]],
    hours: int,
) -> None:
    clock.set(START)
    with context.database.write() as session:
        session.execute(delete(Token))
        session.execute(insert(Token), [
            {"id": number, "name": "x", "extension_slug": "custom", "created_at": START, "created_by": "a",
             "updated_at": START, "updated_by": "a", "expires_at": expires, "disabled_at": disabled,
             "deleted_at": deleted}
            for number, (expires, disabled, deleted) in enumerate(rows)
        ])  # fmt: skip
        for number, expires, disabled, deleted, purged in changes:
            values = {"expires_at": expires, "disabled_at": disabled, "deleted_at": deleted}
            session.execute(update(Token).where(Token.id == number).values(values))
            if purged:
                session.execute(delete(Token).where(Token.id == number))
        session.commit()
    for distance in (0, hours):
        clock.move(hours=distance)
        assert reads.count_by_status(context) == counted(context)
        for spec in (ListSpec(), ListSpec(include_deleted=True), ListSpec(statuses=(Status.DELETED, Status.EXPIRING))):
            assert counts.count(context, spec) == len(counts.matching_ids(context, spec))


def test_a_count_reads_a_day_of_tokens_and_no_more(context: Context) -> None:
    with statements_of(context) as statements:
        reads.count_by_status(context)
    plan = plan_of(context, statements[-1])
    of_tokens = [step for step in plan if "tokens" in step]
    assert len(of_tokens) == 2
    assert all("ix_tokens_state (deleted_at=? AND disabled_at=? AND expires_at>? AND expires_at<?)" in step
               for step in of_tokens), plan  # fmt: skip
