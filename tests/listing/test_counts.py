"""How many rows a list has, and which row is where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import make_token
from tests.listing.test_pages import ALL, SORTS, TOKENS, fill, name_of
from tokentui.context import Context
from tokentui.listing import counts, pages
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.records import Status

SPECS = (
    ListSpec(),
    ALL,
    ListSpec("-crm"),
    ListSpec(statuses=(Status.ACTIVE, Status.DELETED)),
    ListSpec("crm", (Status.EXPIRED,)),
)


@pytest.mark.parametrize("sort", SORTS, ids=name_of)
def test_rank_and_seek_agree_with_the_walk(context: Context, sort: Sort) -> None:
    fill(context)
    for spec in (replace(spec, sort=sort) for spec in SPECS):
        rows = pages.page(context, spec, limit=1000)
        for index in (0, 1, len(rows) // 3, len(rows) // 2, len(rows) - 1):
            cursor = cursor_of(rows[index], spec)
            assert counts.rank(context, spec, cursor) == index
            after = counts.seek(context, spec, index)
            assert pages.page(context, spec, after=after, limit=3) == rows[index : index + 3]
        assert counts.seek(context, spec, 0) is None
        assert counts.seek(context, spec, TOKENS + 1) is None


def test_the_position_of_a_token(context: Context) -> None:
    """From 1; none where the list does not show it."""
    tokens = [make_token(context, name).token for name in ("Alpha", "Beta", "Gamma")]
    spec = ListSpec(sort=Sort(SortField.NAME))
    assert [counts.position(context, spec, token) for token in tokens] == [(1, 3), (2, 3), (3, 3)]
    assert counts.position(context, replace(spec, query="a -gamma"), tokens[1]) == (2, 2)
    assert counts.position(context, replace(spec, query="gamma"), tokens[1]) is None


def test_which_ids_match_among_more_than_a_query_takes(context: Context) -> None:
    """They are asked for in chunks."""
    token_id = make_token(context).token.id
    many = [*range(1, 1_200), token_id]
    assert counts.matching_ids_among(context, ListSpec(), many) == {token_id}
    assert counts.matching_ids(context, ListSpec()) == (token_id,)
