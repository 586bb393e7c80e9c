"""The audit: who did what, when, from where. Written in the transaction of the change itself, read newest first."""

from tokentui.audit.entries import Changes, changes_text, entries, read_changes, record

__all__ = ["Changes", "changes_text", "entries", "read_changes", "record"]
