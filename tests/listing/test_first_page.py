"""The first page as the app reads it at its start is the one that the service gives."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.factories import FrozenClock, make_token
from tests.listing.test_pages import fill
from tokentui.context import Context
from tokentui.listing.first_page import first_page
from tokentui.listing.pages import page
from tokentui.listing.spec import ListSpec

pytestmark = pytest.mark.sqlite  # of a file alone: a server's first page is read as the others are


@pytest.mark.parametrize("limit", [1, 20, 90])
def test_it_is_the_page_of_the_service(context: Context, limit: int) -> None:
    """Row by row and field by field, in the same order; as many as are asked for."""
    fill(context)
    rows = first_page(context, limit)
    assert rows == page(context, ListSpec(), limit=limit)
    assert rows


def test_a_token_with_all_that_it_may_have(context: Context, clock: FrozenClock) -> None:
    """Modules, networks, an owner, an external ID; the last use is there too."""
    fields: dict[str, Any] = {
        "external_id": "ext-1",
        "owner": "Ärger",
        "description": "d",
        "networks": ("10.0.0.0/8", "2001:db8::/32"),
    }
    make_token(context, all_modules=False, modules=("helpdesk", "agreements"), **fields)
    make_token(context, "Never", days=None)
    assert first_page(context, 10) == page(context, ListSpec(), limit=10)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tokens SET name = x'ff'",
        "UPDATE tokens SET networks = 'nowhere'",
        "UPDATE tokens SET created_at = 'soon'",
        "UPDATE tokens SET last_used_at = -1",
        "UPDATE alembic_version SET version_num = '9999'",
    ],
)
def test_nothing_where_anything_is_out_of_the_ordinary(context: Context, statement: str) -> None:
    """A damaged row, another schema: the reader of the whole list says what is wrong."""
    make_token(context)
    with context.database.write() as session:
        session.execute(text(statement))
        session.commit()
    assert first_page(context, 10) == ()


def test_nothing_of_a_list_without_tokens(context: Context) -> None:
    """Nor of a file that is not there."""
    assert first_page(context, 10) == ()
    assert context.database.path is not None
    context.close()
    context.database.path.unlink()
    assert first_page(context, 10) == ()
