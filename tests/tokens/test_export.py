"""The list as lines of JSON and CSV."""

from __future__ import annotations

import csv
import json

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.tokens import export

BY_NAME = ListSpec(sort=Sort(SortField.NAME))


def test_a_line_of_json_a_token(context: Context) -> None:
    """The key is in none of them."""
    issued = [make_token(context, "Alpha", networks=("10.0.0.0/8",)), make_token(context, "Beta", days=None)]
    lines = list(export.json_lines(context, BY_NAME))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    first, second = map(json.loads, lines)
    assert (first["name"], first["networks"], first["status"]) == ("Alpha", ["10.0.0.0/8"], "active")
    assert (second["name"], second["expires_at"], len(second["secrets"])) == ("Beta", None, 1)
    for one in issued:
        assert one.key is not None
        assert one.key.text[-40:] not in "".join(lines)


def test_csv_has_a_heading_and_the_chosen_columns(context: Context) -> None:
    make_token(context, 'Say "hi", twice')
    columns = ("name", "permissions", "expires_at", "owner")
    heading, row = csv.reader(export.csv_lines(context, BY_NAME, columns=columns))
    assert heading == list(columns)
    assert (row[0], row[1], row[3]) == ('Say "hi", twice', "*", "")
    assert len(list(export.csv_lines(context, BY_NAME, limit=0))) == 1


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_runs_no_name_as_a_formula(context: Context, name: str) -> None:
    """JSON, which no spreadsheet reads so, has it as it is."""
    make_token(context, name)
    _, row = csv.reader(export.csv_lines(context, BY_NAME, columns=("name",)))
    assert row == [f"'{name}"]
    assert json.loads(next(export.json_lines(context, BY_NAME)))["name"] == name
