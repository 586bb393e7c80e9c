"""New secrets for old tokens: rotate, at once or with an overlap, and renew."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tokentui import audit, validation
from tokentui.context import Context
from tokentui.crypto.key_format import new_key
from tokentui.crypto.vault import Vault
from tokentui.errors import Conflict, WrongState
from tokentui.listing import rows
from tokentui.models import Secret
from tokentui.records import Action, Issued, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.lifecycle import add_secret, changed, moment_text, touch

MOST_LIVE_SECRETS = 4
"""Secrets that may work side by side; more would be rotations nobody follows any longer."""


class Keep(Enum):
    """Stands for the expiry that a token has."""

    EXPIRY = "keep"


def rotate_token(
    context: Context,
    token_id: int,
    *,
    overlap: timedelta = timedelta(0),
    expires: datetime | Keep | None = Keep.EXPIRY,
    expected_version: int | None = None,
) -> Issued:
    """A new secret now. The old one stops after `overlap`, never later than its own expiry.

    Raises WrongState for a deleted token, and for an expired one that gets no new expiry.
    """
    if not isinstance(expires, Keep):
        _check_expiry(context, expires)
    vault = context.vault()
    with context.database.write() as session:
        issued = rotate_in(
            session, context, vault, token_id, overlap=overlap, expires=expires, expected_version=expected_version
        )
        session.commit()
    return issued


def rotate_in(
    session: Session,
    context: Context,
    vault: Vault,
    token_id: int,
    *,
    overlap: timedelta,
    expires: datetime | Keep | None = Keep.EXPIRY,
    expected_version: int | None = None,
) -> Issued:
    """`rotate_token` inside a transaction that is open already."""
    before = rows.find(session, context, token_id)
    require_version(before, expected_version)
    states.require_allowed(Action.ROTATE, before, new_expiry=not isinstance(expires, Keep))
    now = context.now()
    stops = _stop_old(session, before, now, now + overlap)
    key = new_key(token_id)
    add_secret(session, context, vault, key, now)
    touch(session, context, before, **({} if isinstance(expires, Keep) else {"expires_at": expires}))
    after = rows.find(session, context, token_id)
    previous = stops if stops is not None and stops > now else None
    entry = {**changed(before, after), "previous_stops_at": (None, moment_text(stops))}
    audit.record(session, context, "rotate", token_id, entry)
    return Issued(after, key, previous)


def renew_token(
    context: Context,
    token_id: int,
    *,
    expires_at: datetime | None,
    keep_key: bool = False,
    expected_version: int | None = None,
) -> Issued:
    """A new expiry and a new secret; the old secret works until its own old expiry. `keep_key` keeps the secret.

    For expired tokens too. Raises WrongState for a perpetual or deleted one.
    """
    _check_expiry(context, expires_at)
    vault = context.vault()
    with context.database.write() as session:
        before = rows.find(session, context, token_id)
        require_version(before, expected_version)
        states.require_allowed(Action.RENEW, before)
        now = context.now()
        stops = key = None
        if not keep_key:
            stops = _stop_old(session, before, now, before.expires_at or now)
            key = new_key(token_id)
            add_secret(session, context, vault, key, now)
        touch(session, context, before, expires_at=expires_at)
        after = rows.find(session, context, token_id)
        entry = changed(before, after)
        if key is not None:
            entry["previous_stops_at"] = (None, moment_text(stops))
        audit.record(session, context, "renew", token_id, entry)
        session.commit()
    previous = stops if stops is not None and stops > now else None
    return Issued(after, key, previous)


def require_version(token: TokenRecord, expected: int | None) -> None:
    """Raises Conflict where another operator changed the token since it was read."""
    if expected is not None and token.version != expected:
        message = f"{token.updated_by} changed {token.label} since you opened it"
        raise Conflict(message, "look at it again", {})


def _check_expiry(context: Context, expires: datetime | None) -> None:
    now = context.now()
    if expires is not None and expires <= now:
        raise validation.ValidationError("expires", "the expiry lies in the past")
    validation.lifetime(expires, now=now, longest=context.settings.max_lifetime)


def _stop_old(session: Session, token: TokenRecord, now: datetime, wanted: datetime) -> datetime | None:
    """Lets every secret that works end at `wanted`, or earlier where it would have; returns the latest such end."""
    session.execute(delete(Secret).where(Secret.token_id == token.id, Secret.stops_at <= now))
    latest: datetime | None = None
    living = session.scalars(select(Secret).where(Secret.token_id == token.id)).all()
    if wanted > now and len(living) >= MOST_LIVE_SECRETS:
        raise WrongState(
            f"{token.label} has {len(living)} secrets that work", "wait for one to stop, or rotate at once"
        )
    for secret in living:
        ends = [moment for moment in (wanted, secret.stops_at, token.expires_at) if moment is not None]
        stops = min(ends)
        session.execute(update(Secret).where(Secret.id == secret.id).values(stops_at=stops))
        latest = stops if latest is None else max(latest, stops)
    return latest
