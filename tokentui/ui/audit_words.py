"""What an entry of the audit says: in the words of the screens, and in one line for a command's table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from tokentui.context import Actor
from tokentui.crypto.key_format import format_id
from tokentui.records import AuditRecord
from tokentui.ui import wording
from tokentui.ui.text import safe_text

_DONE = {
    "create": "created",
    "edit": "edited",
    "rotate": "rotated",
    "renew": "renewed",
    "stop-old": "old key stopped",
    "reveal": "key viewed",
    "copy": "key copied",
    "hand-over": "key handed over",
    "disable": "disabled",
    "enable": "enabled",
    "delete": "deleted",
    "restore": "restored",
    "import": "imported",
    "import-catalog": "catalogue imported",
    "restore-database": "database restored",
    "leak": "key leaked",
    "refused": "refused",
    "export-verify-key": "verify key exported",
    "protect-master-key": "passphrase set",
    "unprotect-master-key": "passphrase removed",
    "backup-master-key": "master key backed up",
    "rotate-master-key": "master key changed",
    "finish-master-key": "all sealed with it",
}
_FIELDS = {
    "external_id": "external ID",
    "expires_at": "expires",
    "modules": "permissions",
}


def action_words(action: str) -> str:
    """`rotated` for `rotate`; an action that is not known is shown as it is, safe for a terminal."""
    return _DONE.get(action, safe_text(action))


def actor_words(entry: AuditRecord) -> str:
    """`alice@10.0.0.5`, or `alice` at the machine itself."""
    return safe_text(Actor(entry.actor, entry.origin).label)


def token_words(entry: AuditRecord) -> str:
    """The ID of the token that it is about; a dash where it is about none."""
    return "—" if entry.token_id is None else format_id(entry.token_id)


def changes_or_damage(entry: AuditRecord) -> str:
    """Its changes in a line; of a damaged entry, what of it is damaged."""
    return wording.damage_text(entry.damaged) if entry.damaged else changes_in_a_line(entry)


def changes_in_a_line(entry: AuditRecord) -> str:
    """`name: Old → New, status: active → disabled`: every change as the audit keeps it, with times in UTC."""
    return ", ".join(
        f"{safe_text(field.replace('_', ' '))}: {_kept(old)} → {_kept(new)}"
        for field, (old, new) in entry.changes.items()
        if old != new
    )


def change_lines(entry: AuditRecord, zone: tzinfo) -> tuple[str, ...]:
    """What changed, a line a field, times local: `name: Old → New`; nothing that was and is empty, never a status."""
    return tuple(_lines(entry, zone))


def _lines(entry: AuditRecord, zone: tzinfo) -> Iterator[str]:
    made = entry.action == "create"
    for field, (old, new) in entry.changes.items():
        # The status is what the action itself says.
        if field == "status" or old == new or (_is_empty(old) and _is_empty(new)):
            continue
        if field == "previous_stops_at":
            if new is not None:
                yield f"old key works until {_value(field, new, zone)}"
            elif old is not None:
                yield f"old key would have worked until {_value(field, old, zone)}"
            continue
        name = _FIELDS.get(field, field.replace("_", " "))
        before = "" if made else f"{_value(field, old, zone)} → "
        yield f"{safe_text(name)}: {before}{_value(field, new, zone)}"


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _kept(value: Any) -> str:
    if _is_empty(value):
        return "—"
    return safe_text(" ".join(map(str, value)) if isinstance(value, list) else str(value))


def _value(field: str, value: Any, zone: tzinfo) -> str:
    if field in ("expires_at", "previous_stops_at"):
        return "never" if value is None else _moment(str(value), zone)
    if _is_empty(value):
        return "—"
    if field == "modules" and value == "*":
        return "All Modules"
    return safe_text(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _moment(text: str, zone: tzinfo) -> str:
    """A moment of the audit, local; one that can't be read is shown as it stands."""
    try:
        return wording.minute_text(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        return safe_text(text)
