"""Reading single tokens, their secrets without the text, and how many there are of each status."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.listing import rows, status_counts
from tokentui.listing.stored_row import not_ahead
from tokentui.models import IgnoringCase, KeyForm, Secret, Token
from tokentui.records import SecretRecord, Status, TokenRecord


def get_token(context: Context, token_id: int) -> TokenRecord:
    """One token of any status; raises NoSuchToken."""
    with context.database.read() as session:
        return rows.find(session, context, token_id)


def find_same_name(context: Context, name: str, *, other_than: int | None = None) -> TokenRecord | None:
    """Another token of this name that is not deleted, the newest; None where there is none.

    Two tokens may have one name, so this is for a warning; `other_than` is the ID of the token itself.
    """
    with context.database.read() as session:
        return same_name(session, context, name, other_than=other_than)


def same_name(session: Session, context: Context, name: str, *, other_than: int | None) -> TokenRecord | None:
    """`find_same_name` inside an open transaction."""
    forms = {unicodedata.normalize(form, name.strip()) for form in ("NFC", "NFD")}
    named = IgnoringCase(Token.name).in_([IgnoringCase(literal(form)) for form in forms])
    query = rows.SELECT.where(named, Token.deleted_at.is_(None))
    if other_than is not None:
        query = query.where(Token.id != other_than)
    newest = rows.read(session, context, query.order_by(Token.created_at.desc(), Token.id).limit(1))
    return newest[0] if newest else None


def list_secrets(context: Context, token_id: int) -> tuple[SecretRecord, ...]:
    """The secrets that work or would work, the current one first; needs no master key."""
    with context.database.read() as session:
        rows.find(session, context, token_id)
        return tuple(record for record, _ in live_secrets(session, context, token_id))


def working_secrets(context: Context, ids: Sequence[int]) -> dict[int, tuple[SecretRecord, ...]]:
    """The secrets of each of these tokens (a page of them) that have not stopped, the newest first.

    They are told whatever the status of their token: where that is disabled, none of them opens anything.
    """
    now = context.now()
    query = (
        select(Secret.token_id, Secret.created_at, Secret.stops_at, Secret.last_used_at, Secret.sealed.is_not(None))
        .where(Secret.token_id.in_(ids), Secret.stops_at > now)
        .order_by(Secret.id.desc())
    )
    secrets_of: dict[int, list[SecretRecord]] = {token_id: [] for token_id in ids}
    with context.database.read() as session:
        for token_id, created_at, stops_at, last_used_at, sealed in session.execute(query):
            secrets = secrets_of[token_id]
            secrets.append(
                SecretRecord(
                    created_at,
                    stops_at,
                    not_ahead(last_used_at, now),
                    current=not secrets,
                    can_show=sealed and context.settings.reveal,
                )
            )
    return {token_id: tuple(secrets) for token_id, secrets in secrets_of.items()}


def live_secrets(session: Session, context: Context, token_id: int) -> list[tuple[SecretRecord, Secret]]:
    """The secrets of a token that have not stopped, newest first, inside an open transaction.

    The newest is the current one, also where its token has expired: it is what a renewal with `keep_key` keeps.
    """
    secrets = session.scalars(select(Secret).where(Secret.token_id == token_id).order_by(Secret.id.desc())).all()
    now = context.now()
    return [
        (
            SecretRecord(
                created_at=secret.created_at,
                stops_at=secret.stops_at,
                last_used_at=not_ahead(secret.last_used_at, now),
                current=position == 0,
                can_show=secret.sealed is not None and context.settings.reveal,
                is_imported=secret.form != KeyForm.OWN,
            ),
            secret,
        )
        for position, secret in enumerate(secrets)
        if position == 0 or secret.stops_at is None or secret.stops_at > now
    ]


def next_status_change(context: Context, since: datetime | None = None) -> datetime | None:
    """When the status of a token changes next by itself: it begins to expire, or expires. None where none will.

    After `since` (aware UTC), by default now: who read the tokens a moment ago misses no change that came meanwhile.
    """
    now, expiring = since or context.now(), context.settings.expiring_within
    with context.database.read() as session:
        expires = session.scalar(select(func.min(Token.expires_at)).where(Token.expires_at > now))
        follows = session.scalar(select(func.min(Token.expires_at)).where(Token.expires_at > now + expiring))
    moments = ((expires, timedelta(0)), (follows, expiring))
    # One that can't be read is no moment to wait for.
    return min((moment - before for moment, before in moments if type(moment) is datetime), default=None)


def count_by_status(context: Context) -> dict[Status, int]:
    """How many tokens have each status; their sum is all tokens."""
    with context.database.read() as session:
        return status_counts.by_status(session, now=context.now(), expiring=context.settings.expiring_within)
