"""The audit for other programs: entries as JSON values and as lines of CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokentui import audit
from tokentui.audit import AuditFilter
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.records import AuditRecord
from tokentui.ui.audit_words import changes_in_a_line
from tokentui.ui.csv_text import csv_line

COLUMNS = ("at", "actor", "origin", "action", "token", "changes")


def entry_json(entry: AuditRecord) -> dict[str, Any]:
    """An entry as JSON values, times in UTC; what of it is damaged is named where something is."""
    return {
        "at": utc_text(entry.at),
        "actor": entry.actor,
        "origin": entry.origin,
        "action": entry.action,
        "token": None if entry.token_id is None else format_id(entry.token_id),
        "changes": {name: list(pair) for name, pair in entry.changes.items()},
        **({"damaged": list(entry.damaged)} if entry.damaged else {}),
    }


def csv_lines(context: Context, wanted: AuditFilter) -> Iterator[str]:
    """A header and a line an entry that is wanted, the newest first; the changes are one text."""
    yield csv_line(COLUMNS)
    for entry in audit.stream(context, wanted):
        row = entry_json(entry) | {"changes": changes_in_a_line(entry)}
        yield csv_line(row[column] for column in COLUMNS)
