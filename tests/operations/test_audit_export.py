"""The audit as a file: every wanted entry, nothing that a spreadsheet runs, never a secret."""

from __future__ import annotations

import csv

from tests.factories import make_token
from tokentui.audit import AuditFilter
from tokentui.context import Context
from tokentui.operations.audit_export import COLUMNS, csv_lines
from tokentui.records import TokenChanges
from tokentui.tokens.edit import edit_token


def test_a_header_and_a_line_an_entry(context: Context) -> None:
    issued = make_token(context, "=1+1")
    edit_token(context, issued.token.id, TokenChanges(name="Two words"))
    rows = list(csv.DictReader(csv_lines(context, AuditFilter())))
    assert tuple(rows[0]) == COLUMNS
    assert [row["action"] for row in rows] == ["edit", "create"]
    assert {row["token"] for row in rows} == {issued.token.label}
    assert "Two words" in rows[0]["changes"]
    assert issued.key is not None
    assert issued.key.text not in str(rows)
