"""The audit: who did what, when, from where. Written in the transaction of the change itself, read newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.models import AuditEntry
from tokentui.records import AuditRecord

Changes = Mapping[str, tuple[Any, Any]]


def record(
    session: Session, context: Context, action: str, token_id: int | None, changes: Changes | None = None
) -> None:
    """Adds one entry to the open transaction. `changes` holds JSON values, never a secret."""
    session.add(
        AuditEntry(
            at=context.now(),
            actor=context.actor.name,
            origin=context.actor.origin,
            action=action,
            token_id=token_id,
            # Sorted and without spaces: the text is what a chain signs.
            changes=json.dumps(changes or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        )
    )


def entries(
    context: Context, token_id: int | None = None, *, before: int | None = None, limit: int | None = 100
) -> tuple[AuditRecord, ...]:
    """The newest entries first, of one token or of all; `before` is the `id` of the last one already read."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if token_id is not None:
        query = query.where(AuditEntry.token_id == token_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    with context.database.read() as session:
        return tuple(_record(entry) for entry in session.scalars(query))


def _record(entry: AuditEntry) -> AuditRecord:
    changes = {name: (old, new) for name, (old, new) in json.loads(entry.changes).items()}
    return AuditRecord(entry.id, entry.at, entry.actor, entry.origin, entry.action, entry.token_id, changes)
