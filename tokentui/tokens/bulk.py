"""What can be done to many tokens at once: looked at first (`plan`), then done in one transaction (`apply`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from tokentui import audit
from tokentui.context import Context
from tokentui.crypto.vault import Vault
from tokentui.listing import rows
from tokentui.models import Secret, Token, TokenModule, Usage
from tokentui.records import Action, BulkRefusal, BulkResult, Issued, Plan, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.secrets import MOST_LIVE_SECRETS, extend_in, rotate_in
from tokentui.tokens.writing import update_token

ACTIONS = frozenset(
    {Action.ENABLE, Action.DISABLE, Action.ROTATE, Action.RENEW, Action.DELETE, Action.RESTORE, Action.PURGE}
)
"""What can be done to many tokens at once."""

_CHUNK = 500
"""IDs a query; SQLite allows a limited number of parameters."""


def plan(context: Context, action: Action, ids: Sequence[int]) -> Plan:
    """What `apply` would do now, and which tokens it would leave alone and why; changes nothing.

    A rotation leaves alone those with `MOST_LIVE_SECRETS`, whatever the overlap, which is chosen after the preview.
    """
    with context.database.read() as session:
        return _plan(session, context, action, ids)


def apply(
    context: Context,
    action: Action,
    ids: Sequence[int],
    *,
    partial: bool = False,
    overlap: timedelta = timedelta(0),
    extend: timedelta = timedelta(0),
) -> BulkResult:
    """Does it to all in one transaction, or to none where one is refused; with `partial`, to those that allow it.

    An audit entry a token. `overlap` is for a rotation. `extend` is for a renewal: added to each expiry, or to now
    where that has passed; the keys stay as they are. Raises ValidationError where an expiry would pass `max_lifetime`.
    """
    vault = context.vault() if action is Action.ROTATE else None
    with context.database.write() as session:
        _lock(session, ids)
        planned = _plan(session, context, action, ids)
        if planned.refused and not partial:
            return BulkResult(action, (), planned.refused)
        issued = [
            made
            for token in planned.tokens
            if (made := _do(session, context, vault, action, token, overlap, extend)) is not None
        ]
        session.commit()
    return BulkResult(action, tuple(token.id for token in planned.tokens), planned.refused, tuple(issued))


def purge_candidates(context: Context, older_than: timedelta | None = None) -> tuple[int, ...]:
    """The deleted tokens, or those deleted longer ago than that, the oldest first."""
    query = select(Token.id).where(Token.deleted_at.is_not(None)).order_by(Token.deleted_at, Token.id)
    if older_than is not None:
        query = query.where(Token.deleted_at <= context.now() - older_than)
    with context.database.read() as session:
        return tuple(session.scalars(query))


def _plan(session: Session, context: Context, action: Action, ids: Sequence[int]) -> Plan:
    tokens = {token.id: token for token in _tokens(session, context, ids)}
    full = _with_most_secrets(session, context, ids) if action is Action.ROTATE else frozenset()
    allowed: list[TokenRecord] = []
    refused: list[BulkRefusal] = []
    for token_id in dict.fromkeys(ids):
        token = tokens.get(token_id)
        if token is None:
            refused.append(BulkRefusal(token_id, "", "there is no such token"))
            continue
        if error := states.refusal(action, token):
            refused.append(BulkRefusal(token_id, token.name, str(error)))
        elif token_id in full:
            reason = (
                f"{token.label} has {MOST_LIVE_SECRETS} secrets that work: rotate it by itself, or wait for one to stop"
            )
            refused.append(BulkRefusal(token_id, token.name, reason))
        else:
            allowed.append(token)
    return Plan(action, tuple(allowed), tuple(refused))


def _lock(session: Session, ids: Sequence[int]) -> None:
    """Nobody else changes these tokens until the transaction ends."""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        session.execute(select(Token.id).where(Token.id.in_(chunk)).order_by(Token.id).with_for_update())


def _tokens(session: Session, context: Context, ids: Sequence[int]) -> Iterator[TokenRecord]:
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        for row in session.execute(rows.SELECT.where(Token.id.in_(chunk))):
            yield rows.to_record(row, context)


def _with_most_secrets(session: Session, context: Context, ids: Sequence[int]) -> frozenset[int]:
    """The tokens that have as many live secrets as a token may have, whose next rotation could be refused."""
    full: set[int] = set()
    for start in range(0, len(ids), _CHUNK):
        full.update(
            session.scalars(
                select(Secret.token_id)
                .where(
                    Secret.token_id.in_(ids[start : start + _CHUNK]),
                    or_(Secret.stops_at.is_(None), Secret.stops_at > context.now()),
                )
                .group_by(Secret.token_id)
                .having(func.count() >= MOST_LIVE_SECRETS)
            )
        )
    return frozenset(full)


def _do(
    session: Session,
    context: Context,
    vault: Vault | None,
    action: Action,
    token: TokenRecord,
    overlap: timedelta,
    extend: timedelta,
) -> Issued | None:
    if action is Action.ROTATE:
        assert vault is not None
        return rotate_in(session, context, vault, token.id, overlap=overlap)
    if action is Action.RENEW:
        extend_in(session, context, token, extend)
        return None
    if action is Action.PURGE:
        _purge(session, token)
    else:
        update_token(session, context, token, **_state(action, context))
    old = token.status.value
    new = None if action is Action.PURGE else rows.find(session, context, token.id).status.value
    audit.record(session, context, action.value, token.id, {"status": (old, new)})
    return None


def _state(action: Action, context: Context) -> dict[str, object]:
    now = context.now()
    states: dict[Action, dict[str, object]] = {
        Action.ENABLE: {"disabled_at": None},
        Action.DISABLE: {"disabled_at": now},
        Action.DELETE: {"deleted_at": now},
        Action.RESTORE: {"deleted_at": None},
    }
    return states[action]


def _purge(session: Session, token: TokenRecord) -> None:
    """Everything of a token but its audit."""
    for table in (Usage, TokenModule, Secret):
        session.execute(delete(table).where(table.token_id == token.id))
    session.execute(delete(Token).where(Token.id == token.id))
