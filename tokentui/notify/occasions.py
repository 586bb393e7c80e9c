"""What there is to tell: tokens that expire soon, and what was done to tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.models import AuditEntry, Meta, Token
from tokentui.models.moments import to_micros

TOLD = "notify_audit"
"""The name of the fact that says up to which entry of the audit everything was put into the outbox."""

_ACTIONS = {"rotate": "rotated", "disable": "disabled", "delete": "deleted"}
_CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happened, or will, to a token. `name` tells it from others of its kind; `content` is JSON."""

    token_id: int
    kind: str
    name: str
    owner: str
    content: dict[str, Any]


def expiring(session: Session, context: Context) -> Iterator[Occasion]:
    """The enabled tokens that expire within the longest of `notify_before`, each for the shortest that has begun.

    A time that is as long as the token's whole life does not count: whoever made it knows.
    """
    before, now = sorted(context.settings.notify_before), context.now()
    if not before:
        return
    query = (
        select(Token.id, Token.name, Token.owner, Token.extension_slug, Token.created_at, Token.expires_at)
        .where(Token.deleted_at.is_(None), Token.disabled_at.is_(None))
        .where(Token.expires_at > now, Token.expires_at <= now + before[-1])
        .order_by(Token.expires_at, Token.id)
        .execution_options(yield_per=_CHUNK_ROWS)
    )
    for token_id, name, owner, extension, created_at, expires_at in session.execute(query):
        if not (type(name) is str and type(owner) is str and type(expires_at) is type(created_at) is datetime):
            continue  # a damaged row, which `db check` tells of
        begun = [time for time in before if now >= expires_at - time > created_at]
        if begun:
            time = begun[0]
            content = _content("expires", token_id, name, owner, extension, expires_at)
            yield Occasion(
                token_id, "expires", f"{to_micros(expires_at)}-{time // timedelta(seconds=1)}", owner, content
            )


def untold(session: Session) -> range:
    """The IDs of the audit's entries since those that were last noted as told; none before the first time."""
    newest = session.scalar(select(func.max(AuditEntry.id))) or 0
    told = session.scalar(select(Meta.value).where(Meta.name == TOLD))
    last = int(told) if told is not None and told.isdigit() else newest  # also where it is damaged
    return range(last + 1, newest + 1)


def note_told(session: Session, entries: range) -> None:
    """Keeps that everything up to the last of these entries was put into the outbox; the caller commits."""
    session.merge(Meta(name=TOLD, value=str(entries.stop - 1).encode("ascii")))


def done(session: Session, context: Context, entries: range) -> Iterator[Occasion]:
    """What was done, of `notify_events`, in the entries with these IDs."""
    wanted = [action for action, kind in _ACTIONS.items() if kind in context.settings.notify_events]
    query = (
        select(AuditEntry, Token)
        .join(Token, Token.id == AuditEntry.token_id)  # one that was purged since has no owner to tell
        .where(AuditEntry.id >= entries.start, AuditEntry.id < entries.stop, AuditEntry.action.in_(wanted))
        .order_by(AuditEntry.id)
    )
    for entry, token in session.execute(query):
        if type(token.name) is str and type(token.owner) is str:  # of a damaged row `db check` tells
            content = _content(
                _ACTIONS[entry.action], token.id, token.name, token.owner, token.extension_slug, token.expires_at
            )
            content |= {"at": utc_text(entry.at), "actor": entry.actor}
            yield Occasion(token.id, _ACTIONS[entry.action], str(entry.id), token.owner, content)


def _content(
    kind: str, token_id: int, name: str, owner: str, extension: str, expires_at: datetime | None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "token": format_id(token_id),
        "name": name,
        "owner": owner or None,
        "extension": extension,
        "expires_at": utc_text(expires_at),
    }
