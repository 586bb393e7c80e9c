"""Orders as they are typed, and the place of a row in each of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.listing.spec import Cursor, ListSpec, Sort, SortField, cursor_of
from tokentui.records import Action, Status
from tokentui.tokens import bulk, reads


def test_sorts_are_read_as_typed() -> None:
    assert Sort.parse("name") == Sort(SortField.NAME)
    assert Sort.parse("-last-used") == Sort(SortField.LAST_USED, descending=True)
    assert Sort.parse("-last-used").reversed() == Sort(SortField.LAST_USED)
    for wrong in ("", "-", "--id", "Name", "colour"):
        with pytest.raises(UsageError, match="urgency, name, id, extension, created, expires, status, last-used"):
            Sort.parse(wrong)


def test_one_status_alone() -> None:
    assert ListSpec(statuses=(Status.ACTIVE,)).status is Status.ACTIVE
    assert ListSpec().status is ListSpec(statuses=(Status.ACTIVE, Status.EXPIRED)).status is None


def test_the_place_of_a_row(context: Context) -> None:
    """By the value that its list is sorted by; by the moment of its status where that is the order."""
    token = make_token(context, "Billing", days=90, owner="Finance").token

    def place(field: SortField) -> Cursor:
        return cursor_of(token, ListSpec(sort=Sort(field)))

    assert place(SortField.NAME) == Cursor("Billing", token.id)
    assert place(SortField.OWNER) == Cursor("Finance", token.id)
    assert place(SortField.REQUESTS) == Cursor(None, token.id)
    expiry = context.now() + timedelta(days=90)
    assert place(SortField.EXPIRES) == Cursor(expiry, token.id)
    assert place(SortField.URGENCY) == place(SortField.STATUS) == Cursor(expiry, token.id, Status.ACTIVE)
    bulk.apply(context, Action.DISABLE, [token.id])
    token = reads.get_token(context, token.id)
    assert place(SortField.URGENCY) == Cursor(context.now(), token.id, Status.DISABLED)
