"""A list in parts, each in the order of an index."""

from __future__ import annotations

import pytest

from tokentui.context import Context
from tokentui.errors import QueryError
from tokentui.listing import order
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import Status

BY_URGENCY = [Status.EXPIRING, Status.ACTIVE, Status.DISABLED, Status.EXPIRED]


def test_a_typed_query_is_checked(context: Context) -> None:
    """Extensions are believed without a catalogue."""
    for wrong in ("status:gone", "colour:red"):
        with pytest.raises(QueryError):
            order.check_typed_query(context, wrong, None)
    order.check_typed_query(context, "status:active ext:any", None)


@pytest.mark.parametrize(
    ("spec", "statuses"),
    [
        (ListSpec(), BY_URGENCY),
        (ListSpec(include_deleted=True), [*BY_URGENCY, Status.DELETED]),
        (ListSpec("status:deleted"), [*BY_URGENCY, Status.DELETED]),
        (ListSpec(sort=Sort(SortField.URGENCY, descending=True)), BY_URGENCY[::-1]),
        (ListSpec(statuses=(Status.EXPIRED, Status.ACTIVE)), [Status.ACTIVE, Status.EXPIRED]),
        (ListSpec(sort=Sort(SortField.NAME)), [None]),
    ],
)
def test_a_segment_for_each_status(context: Context, spec: ListSpec, statuses: list[Status | None]) -> None:
    """In the order of the list; one alone where a column is the order."""
    parts = tuple(order.segments(spec, order.query_time(context)))
    assert [part.status for part in parts] == statuses
    assert [part.rank for part in parts] == [order.rank_of(spec, status) for status in statuses]


def test_the_latest_is_first_among_what_has_ended(context: Context) -> None:
    parts = tuple(order.segments(ListSpec(include_deleted=True), order.query_time(context)))
    descending = {part.status for part in parts if part.descending}
    assert descending == {Status.DISABLED, Status.EXPIRED, Status.DELETED}
