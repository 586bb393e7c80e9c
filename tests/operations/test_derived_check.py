"""Sums and a search index that are not those of the tokens are told of, and made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.database.database import rebuild_derived
from tokentui.operations.derived_check import check_derived

pytestmark = pytest.mark.sqlite

GOOD = {"counts": True, "responses": True, "search": True}


def findings(context: Context) -> dict[str, bool]:
    return {finding.check: finding.ok for finding in check_derived(context)}


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE token_counts SET number = number + 1", "counts"),
        ("DELETE FROM token_counts", "counts"),
        ("INSERT INTO usage_days (day, token_id, requests, errors) VALUES (20000, 1, 5, 0)", "responses"),
        ("INSERT INTO token_search (rowid, name) VALUES (5, 'nothing')", "search"),
        ("INSERT INTO token_search (token_search) VALUES ('delete-all')", "search"),
    ],
)
def test_each_that_disagrees_is_told_of_and_made_anew(
    context: Context, open_as: Callable[..., Context], statement: str, check: str
) -> None:
    make_token(context, "Billing export")
    make_token(context, "Müller", external_id="crm-7", description="the runbook")
    assert findings(context) == GOOD
    path = context.database.path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)
    assert findings(context) == GOOD | {check: False}
    assert findings(open_as(read_only=True)) == GOOD | {check: False}
    rebuild_derived(context.database)
    assert findings(context) == GOOD
    make_token(context, "One more")
    assert findings(context) == GOOD


def test_what_the_program_does_keeps_them(sample: Context) -> None:
    assert findings(sample) == GOOD
    make_token(sample, "New")
    assert findings(sample) == GOOD
