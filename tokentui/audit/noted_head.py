"""The newest entry of the audit that a check has seen, noted outside the database: a rolled-back one lacks it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from tokentui.audit import former_keys
from tokentui.clock import utc_text
from tokentui.context import Context, make_home
from tokentui.models.audit_links import Head

FILE = "audit-head.json"
"""In the home: by the database's check value of the master key, the ID and link of the entry, and when it was seen."""


def read(context: Context) -> Head | None:
    """What was noted of this database; None where nothing was, or it can't be read. Raises MasterKeyError."""
    file = _read(context.settings.home / FILE)
    noted = next((file[name] for name in _names(context) if name in file), None)
    try:
        return None if noted is None else Head(int(noted["entry"]), bytes.fromhex(noted["link"]))
    except (KeyError, TypeError, ValueError):
        return None


def note(context: Context, head: Head, moment: datetime) -> None:
    """Notes a head that was seen at `moment`; a home that can't be written is left as it is."""
    file = context.settings.home / FILE
    noted = _read(file)
    noted[_names(context)[0]] = {"entry": head.entry_id, "link": head.link.hex(), "seen": utc_text(moment)}
    draft = file.with_name(f".{FILE}.{secrets.token_hex(8)}")
    with contextlib.suppress(OSError):
        make_home(context.settings)
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(noted, stream, indent=2)
            os.replace(draft, file)
        finally:
            draft.unlink(missing_ok=True)


def _names(context: Context) -> list[str]:
    """Under which names the head of this database may have been noted: by its master key, and by those before."""
    context.vault()
    with context.database.read() as session:
        vault = context.vault_for_reading(session)
        former = [key.check_value for key in former_keys.read(session, vault)]
    return [check_value.hex() for check_value in (vault.check_value(), *reversed(former))]


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
