"""The audit for other programs: entries as lines of CSV."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui import audit
from tokentui.audit import AuditFilter
from tokentui.context import Context
from tokentui.ui.audit_words import changes_in_a_line
from tokentui.ui.csv_text import csv_line

COLUMNS = ("at", "actor", "origin", "action", "token", "changes")


def csv_lines(context: Context, wanted: AuditFilter) -> Iterator[str]:
    """A header and a line an entry that is wanted, the newest first; the changes are one text."""
    yield csv_line(COLUMNS)
    for entry in audit.stream(context, wanted):
        row = audit.entry_json(entry) | {"changes": changes_in_a_line(entry)}
        yield csv_line(row[column] for column in COLUMNS)
