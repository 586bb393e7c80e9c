"""The secrets of a token: shown, rotated at once or with an overlap, and renewed with the expiry."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tokentui import audit, validation
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto.key_format import Key, format_id, new_key
from tokentui.crypto.vault import SealBroken, Vault
from tokentui.errors import Conflict, MasterKeyError, WrongState
from tokentui.listing import rows
from tokentui.models import AuditEntry, Secret
from tokentui.records import Action, Issued, Revealed, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.reads import live_secrets
from tokentui.tokens.writing import add_secret, audited_changes, locked_token, update_token

MOST_LIVE_SECRETS = 4
"""Secrets that may work side by side; more would be rotations nobody follows any longer."""


_RAISES_VERSION = ("edit", "rotate", "renew", "stop-old", "enable", "disable", "delete", "restore")
"""The actions of audit entries that go with a new version."""


class Keep(Enum):
    """Stands for the expiry that a token has."""

    EXPIRY = "keep"


def reveal_keys(context: Context, token_id: int, *, purpose: str = "reveal") -> tuple[Revealed, ...]:
    """The keys of a token in clear, the current one first, then those of a running overlap.

    Recorded in the audit under `purpose` (`reveal` or `copy`) before anything is shown. Raises WrongState for a
    deleted token and where no secret can be shown; MasterKeyError without the right master key.
    """
    vault = context.vault()
    with context.database.write() as session:
        token = rows.find(session, context, token_id)
        states.require_allowed(Action.REVEAL, token)
        showable = [(record, secret) for record, secret in live_secrets(session, context, token_id) if secret.sealed]
        if not showable:
            raise WrongState(f"the key of {token.label} can't be shown", "only its digest is kept: rotate it instead")
        revealed = tuple(Revealed(_unsealed(vault, token_id, secret), record) for record, secret in showable)
        audit.record(session, context, purpose, token_id)
        session.commit()
    return revealed


def rotate_token(
    context: Context,
    token_id: int,
    *,
    overlap: timedelta = timedelta(0),
    expires: datetime | Keep | None = Keep.EXPIRY,
    expected_version: int | None = None,
) -> Issued:
    """A new secret now. The old one stops after `overlap`, never later than its own expiry.

    Raises WrongState for a deleted token, for an expired one that gets no new expiry, and for one that has
    `MOST_LIVE_SECRETS` where there is an overlap; Conflict where another operator rotated or renewed the token since
    it had `expected_version`.
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
    before = locked_token(session, context, token_id)
    _require_same_secret(session, before, expected_version)
    states.require_allowed(Action.ROTATE, before, new_expiry=not isinstance(expires, Keep))
    now = context.now()
    stops = _stop_old(session, before, now, now + overlap)
    key = new_key(token_id)
    add_secret(session, context, vault, key, now)
    update_token(session, context, before, **({} if isinstance(expires, Keep) else {"expires_at": expires}))
    after = rows.find(session, context, token_id)
    previous = stops if stops is not None and stops > now else None
    entry = {**audited_changes(before, after), "previous_stops_at": (None, utc_text(stops))}
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

    For expired tokens too. Raises WrongState for a perpetual or deleted one, and for one that has `MOST_LIVE_SECRETS`;
    Conflict where another operator rotated or renewed the token since it had `expected_version`.
    """
    _check_expiry(context, expires_at)
    vault = context.vault()
    with context.database.write() as session:
        before = locked_token(session, context, token_id)
        _require_same_secret(session, before, expected_version)
        states.require_allowed(Action.RENEW, before)
        now = context.now()
        stops = key = None
        if not keep_key:
            stops = _stop_old(session, before, now, before.expires_at or now)
            key = new_key(token_id)
            add_secret(session, context, vault, key, now)
        update_token(session, context, before, expires_at=expires_at)
        after = rows.find(session, context, token_id)
        entry = audited_changes(before, after)
        if key is not None:
            entry["previous_stops_at"] = (None, utc_text(stops))
        audit.record(session, context, "renew", token_id, entry)
        session.commit()
    previous = stops if stops is not None and stops > now else None
    return Issued(after, key, previous)


def stop_old(context: Context, token_id: int) -> TokenRecord:
    """Ends an overlap now: every secret of the token but the current one stops.

    Raises NoSuchToken, and WrongState where the token is deleted or no old secret works.
    """
    with context.database.write() as session:
        token = locked_token(session, context, token_id)
        states.require_allowed(Action.STOP_OLD, token)
        old = [secret for record, secret in live_secrets(session, context, token_id) if not record.current]
        if not old:
            raise WrongState(f"{token.label} has no old key that works", "only its current one does")
        stops = max(secret.stops_at for secret in old if secret.stops_at is not None)
        session.execute(delete(Secret).where(Secret.id.in_([secret.id for secret in old])))
        update_token(session, context, token)
        after = rows.find(session, context, token_id)
        audit.record(session, context, "stop-old", token_id, {"previous_stops_at": (utc_text(stops), None)})
        session.commit()
    return after


def extend_in(session: Session, context: Context, token: TokenRecord, extend: timedelta) -> None:
    """Adds `extend` to the expiry of a token that has one, or to now where it has passed; its secret stays.

    Inside the caller's transaction, with an audit entry. Raises ValidationError where it would pass `max_lifetime`.
    """
    assert token.expires_at is not None
    expires = max(token.expires_at, context.now()) + extend
    _check_expiry(context, expires)
    update_token(session, context, token, expires_at=expires)
    after = rows.find(session, context, token.id)
    audit.record(session, context, Action.RENEW.value, token.id, audited_changes(token, after))


def _require_same_secret(session: Session, token: TokenRecord, expected_version: int | None) -> None:
    """Raises Conflict where another operator gave the token a new secret or expiry since it was read.

    Each version has one entry in the audit, so that what happened since is told exactly; an edit is no conflict.
    """
    if expected_version is None or token.version == expected_version:
        return
    since = session.execute(
        select(AuditEntry.action, AuditEntry.actor)
        .where(AuditEntry.token_id == token.id, AuditEntry.action.in_(_RAISES_VERSION))
        .order_by(AuditEntry.id.desc())
        .limit(max(0, token.version - expected_version))
    )
    for action, actor in since:
        if action in (Action.ROTATE, Action.RENEW):
            done = "rotated" if action == Action.ROTATE else "renewed"
            raise Conflict(f"{actor} {done} {token.label} since you opened it", "look at it again", {})


def _check_expiry(context: Context, expires: datetime | None) -> None:
    now = context.now()
    if expires is not None and expires <= now:
        raise validation.ValidationError("expires", "the expiry lies in the past")
    validation.lifetime(expires, now=now, longest=context.settings.max_lifetime)


def _stop_old(session: Session, token: TokenRecord, now: datetime, wanted: datetime) -> datetime | None:
    """Lets every secret that works end at `wanted`, or earlier where it would have; returns the latest such end."""
    session.execute(delete(Secret).where(Secret.token_id == token.id, Secret.stops_at <= now))
    latest: datetime | None = None
    live = session.scalars(select(Secret).where(Secret.token_id == token.id)).all()
    if wanted > now and len(live) >= MOST_LIVE_SECRETS:
        raise WrongState(f"{token.label} has {len(live)} secrets that work", "wait for one to stop, or rotate at once")
    for secret in live:
        ends = [moment for moment in (wanted, secret.stops_at, token.expires_at) if moment is not None]
        stops = min(ends)
        session.execute(update(Secret).where(Secret.id == secret.id).values(stops_at=stops))
        latest = stops if latest is None else max(latest, stops)
    return latest


def _unsealed(vault: Vault, token_id: int, secret: Secret) -> Key:
    try:
        return vault.unseal(token_id, secret.sealed or b"")
    except SealBroken:
        raise MasterKeyError(
            f"the sealed secret of {format_id(token_id)} can't be opened", "run `tokentui db check`"
        ) from None
