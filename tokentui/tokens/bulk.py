"""What can be done to many tokens at once: looked at first (`plan`), then done in one transaction (`apply`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from tokentui import audit
from tokentui.context import Context
from tokentui.database.retries import retried
from tokentui.listing import rows
from tokentui.models import Secret, Token, TokenModule, Usage
from tokentui.records import Action, BulkRefusal, BulkResult, Issued, Plan, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.progress import Progress
from tokentui.tokens.secrets import MOST_LIVE_SECRETS, extend_locked, extended_expiry, rotate_locked
from tokentui.tokens.writing import update_many

_CHUNK = 500
"""Tokens a query; SQLite allows a limited number of parameters."""


def plan(context: Context, action: Action, ids: Sequence[int]) -> Plan:
    """What `apply` would do now, and which tokens it would leave alone and why; changes nothing.

    A rotation leaves alone those with `MOST_LIVE_SECRETS`, whatever the overlap, which is chosen after the preview.
    Of a renewal, `plan_extension` says more once it is known by how much.
    """
    with context.database.read() as session:
        return _plan(session, context, action, ids, Progress())


def plan_extension(context: Context, planned: Plan, extend: timedelta) -> Plan:
    """The plan of a renewal by `extend`; it also leaves alone tokens whose expiry would pass `max_lifetime`."""
    now, longest = context.now(), context.settings.max_lifetime
    if longest is None:
        return planned
    days = longest / timedelta(days=1)
    too_late = {token.id for token in planned.tokens if extended_expiry(token, extend, now) - now > longest}
    reason = f"would live for longer than {days:g} days (max_lifetime): extend it by less"
    refused = [
        BulkRefusal(token.id, token.name, f"{token.label} {reason}") for token in planned.tokens if token.id in too_late
    ]
    allowed = tuple(token for token in planned.tokens if token.id not in too_late)
    return Plan(planned.action, allowed, (*planned.refused, *refused))


@retried
def apply(
    context: Context,
    action: Action,
    ids: Sequence[int],
    *,
    partial: bool = False,
    overlap: timedelta = timedelta(0),
    extend: timedelta = timedelta(0),
    progress: Progress | None = None,
) -> BulkResult:
    """Carries `action` out on all tokens in one transaction, or on none where one is refused.

    With `partial`, it is carried out on the tokens that allow it and the others are left alone.

    An audit entry a token. `overlap` is for a rotation. `extend` is for a renewal: added to each expiry, or to now
    where that has passed; the keys stay as they are. Raises ValidationError where no expiry would be later.
    `progress` is told how far it is; raises Stopped, and does nothing, where it is stopped meanwhile.
    """
    progress = progress or Progress(len(ids))
    if action is Action.ROTATE:
        context.vault()  # raises where there is none, before anything is looked at
    with context.database.write() as session:
        _lock(session, sorted(ids))
        planned = _plan(session, context, action, ids, progress)
        if action is Action.RENEW:
            planned = plan_extension(context, planned, extend)
        if planned.refused and not partial:
            return BulkResult(action, (), planned.refused)
        issued: list[Issued] = []
        progress.total = len(planned.tokens)
        for start in range(0, len(planned.tokens), _CHUNK):
            tokens = planned.tokens[start : start + _CHUNK]
            if action is Action.ROTATE:
                issued += rotate_locked(session, context, tokens, overlap=overlap)
            elif action is Action.RENEW:
                extend_locked(session, context, tokens, extend)
            else:
                _set_states(session, context, action, tokens)
            session.flush()
            progress.advance(len(tokens))
        progress.finish()
        session.commit()
    return BulkResult(action, tuple(token.id for token in planned.tokens), planned.refused, tuple(issued))


def purge_candidates(context: Context, older_than: timedelta | None = None) -> tuple[int, ...]:
    """The IDs of deleted tokens, the oldest first; with an age, of those deleted longer ago than that."""
    query = select(Token.id).where(Token.deleted_at.is_not(None)).order_by(Token.deleted_at, Token.id)
    if older_than is not None:
        query = query.where(Token.deleted_at <= context.now() - older_than)
    with context.database.read() as session:
        return tuple(session.scalars(query))


def _plan(session: Session, context: Context, action: Action, ids: Sequence[int], progress: Progress) -> Plan:
    tokens: dict[int, TokenRecord] = {}
    for start in range(0, len(ids), _CHUNK):
        tokens |= rows.find_many(session, context, ids[start : start + _CHUNK])
        progress.advance()
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
    """Nobody else changes these tokens until the transaction ends; in one order, so that no two wait for each other."""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        session.execute(select(Token.id).where(Token.id.in_(chunk)).order_by(Token.id).with_for_update())


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


def _set_states(session: Session, context: Context, action: Action, tokens: Sequence[TokenRecord]) -> None:
    """Enables, disables, deletes, restores or purges tokens that allow it, with an audit entry each."""
    after: dict[int, TokenRecord] = {}
    if action is Action.PURGE:
        _purge(session, [token.id for token in tokens])
    else:
        columns = _state(action, context)
        update_many(session, context, ((token, columns) for token in tokens))
        after = rows.find_many(session, context, [token.id for token in tokens])
    for token in tokens:
        new = after[token.id].status.value if token.id in after else None
        audit.record(session, context, action.value, token.id, {"status": (token.status.value, new)})


def _state(action: Action, context: Context) -> dict[str, object]:
    now = context.now()
    states: dict[Action, dict[str, object]] = {
        Action.ENABLE: {"disabled_at": None},
        Action.DISABLE: {"disabled_at": now},
        Action.DELETE: {"deleted_at": now},
        Action.RESTORE: {"deleted_at": None},
    }
    return states[action]


def _purge(session: Session, ids: Sequence[int]) -> None:
    """Everything of some tokens but their audit."""
    for table in (Usage, TokenModule, Secret):
        session.execute(delete(table).where(table.token_id.in_(ids)))
    session.execute(delete(Token).where(Token.id.in_(ids)))
