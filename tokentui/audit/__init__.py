"""The audit: who did what, when, from where. Written in the transaction of the change itself, read newest first."""

from tokentui.audit.entries import (
    Changes,
    entries,
    entry_json,
    newest_id,
    read_changes,
    record,
    record_many,
    stream,
    stream_between,
)
from tokentui.audit.filter import AuditFilter, parse_filter
from tokentui.models.audit_links import changes_text

__all__ = [
    "AuditFilter",
    "Changes",
    "changes_text",
    "entries",
    "entry_json",
    "newest_id",
    "parse_filter",
    "read_changes",
    "record",
    "record_many",
    "stream",
    "stream_between",
]
