"""Writing and reading entries of the audit."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, event, func, or_, select
from sqlalchemy.orm import Session

from tokentui.audit import chain, log
from tokentui.audit.filter import AuditFilter
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto.key_format import ID_SPACE, format_id
from tokentui.errors import TokentuiError
from tokentui.models import EPOCH, AuditEntry, DamagedMoment, DamagedText
from tokentui.models.audit_links import Values, changes_text
from tokentui.records import AuditRecord

Changes = Mapping[str, tuple[Any, Any]]

_LOG = logging.getLogger(__name__)
_IS_LOGGED = "audit entries are logged"

_PAGE = 1000
"""Entries that are read at a time where all are wanted."""


def record(
    session: Session, context: Context, action: str, token_id: int | None, changes: Changes | None = None
) -> None:
    """Has the open transaction write one entry as it commits. `changes` holds JSON values, never a secret."""
    chain.add(session, context, _values(context, action, token_id, changes or {}))
    _log_when_committed(session, context)


def record_many(session: Session, context: Context, entries: Iterable[tuple[str, int | None, Changes]]) -> None:
    """Writes entries (action, token, changes) now, however many, as `record` does; the caller commits at once."""
    rows = (_values(context, *entry) for entry in entries)
    chain.lock(session)
    chain.append(session, context.vault_without_writing(session), rows)
    _log_when_committed(session, context)


def _log_when_committed(session: Session, context: Context) -> None:
    """Has the entries of the transaction handed on as `audit_log` of the settings says, once they are committed."""
    target = context.settings.audit_log
    if not target or _IS_LOGGED in session.info:
        return
    session.info[_IS_LOGGED] = True

    @event.listens_for(session, "after_commit")
    def hand_on(session: Session) -> None:
        last, newest = session.info.pop(chain.WRITTEN, (0, 0))
        try:
            log.tell(target, map(entry_json, stream_between(context, AuditFilter(), last, newest)))
        except TokentuiError as error:
            _LOG.warning("audit_log %s lacks an entry: %s", target, error)


def _values(context: Context, action: str, token_id: int | None, changes: Changes) -> Values:
    return {
        "at": context.now(),
        "actor": context.actor.name,
        "origin": context.actor.origin,
        "action": action,
        "token_id": token_id,
        "changes": changes_text(changes),
    }


def entries(
    context: Context,
    token_id: int | None = None,
    *,
    wanted: AuditFilter | None = None,
    before: int | None = None,
    limit: int | None = 100,
) -> tuple[AuditRecord, ...]:
    """The newest entries first, of one token or of all; `before` is the `id` of the last one already read."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if token_id is not None:
        query = query.where(AuditEntry.token_id == token_id)
    if wanted is not None:
        query = query.where(*_conditions(wanted))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    with context.database.read() as session:
        return tuple(_record(entry) for entry in session.scalars(query))


def stream(context: Context, wanted: AuditFilter) -> Iterator[AuditRecord]:
    """Every entry that is wanted, the newest first, a page at a time: memory does not grow with their number."""
    before: int | None = None
    while page := entries(context, wanted=wanted, before=before, limit=_PAGE):
        yield from page
        before = page[-1].id


def stream_between(context: Context, wanted: AuditFilter, after: int, until: int) -> Iterator[AuditRecord]:
    """The entries that are wanted, the oldest first, of those with an ID after the one and up to the other."""
    while after < until:
        within = (AuditEntry.id > after, AuditEntry.id <= until)
        query = select(AuditEntry).where(*within, *_conditions(wanted)).order_by(AuditEntry.id).limit(_PAGE)
        with context.database.read() as session:
            page = [_record(entry) for entry in session.scalars(query)]
        yield from page
        after = page[-1].id if len(page) == _PAGE else until


def newest_id(context: Context) -> int:
    """The ID of the newest entry; 0 where there is none."""
    with context.database.read() as session:
        return session.scalar(select(func.max(AuditEntry.id))) or 0


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


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.actors:
        yield or_(*(func.lower(AuditEntry.actor).startswith(actor, autoescape=True) for actor in wanted.actors))
    if wanted.actions:
        yield or_(*(AuditEntry.action.startswith(action, autoescape=True) for action in wanted.actions))
    if wanted.token_id is not None:
        yield AuditEntry.token_id == wanted.token_id
    if wanted.since is not None:
        yield AuditEntry.at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.at < wanted.until
    for word in wanted.words:
        texts = (AuditEntry.actor, AuditEntry.origin, AuditEntry.action, AuditEntry.changes)
        yield or_(*(text.icontains(word, autoescape=True) for text in texts))


def read_changes(text: object) -> dict[str, tuple[Any, Any]] | None:
    """An entry's changes from their JSON; None where it is not what `record` writes."""
    try:
        changes = json.loads(text) if type(text) is str else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(changes, dict):
        return None
    pairs = changes.items()
    if not all(isinstance(pair, list) and len(pair) == 2 for _, pair in pairs):
        return None
    return {name: (old, new) for name, (old, new) in pairs}


def _record(entry: AuditEntry) -> AuditRecord:
    changes = read_changes(entry.changes)
    token_id: object = entry.token_id
    texts = {"actor": entry.actor, "origin": entry.origin, "action": entry.action}
    damaged = [name for name, text in texts.items() if type(text) is not str]
    damaged += ["at"] if type(entry.at) is not datetime else []
    damaged += ["token_id"] if not (token_id is None or (type(token_id) is int and 0 <= token_id < ID_SPACE)) else []
    damaged += ["changes"] if changes is None else []
    damaged += ["link"] if type(entry.link) is not bytes else []
    return AuditRecord(
        id=entry.id,
        at=entry.at or DamagedMoment.at(EPOCH, None),
        **{name: text if isinstance(text, str) else DamagedText.decoded(text) for name, text in texts.items()},
        token_id=entry.token_id if "token_id" not in damaged else None,
        changes=changes or {},
        damaged=tuple(damaged),
    )
