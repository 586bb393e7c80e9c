"""The secrets of a token: shown, rotated at once or with an overlap, and renewed with the expiry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tokentui import audit, validation
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto.key_format import Key, format_id, new_key
from tokentui.crypto.vault import SealBroken, Vault
from tokentui.database.retries import retried
from tokentui.errors import Conflict, MasterKeyError, WrongState
from tokentui.listing import rows
from tokentui.models import AuditEntry, Secret
from tokentui.records import Action, Issued, Revealed, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.policy import TokenPolicy
from tokentui.tokens.reads import live_secrets
from tokentui.tokens.refused import refusals_recorded
from tokentui.tokens.writing import add_secrets, audited_changes, locked_token, update_many, update_token

MOST_LIVE_SECRETS = 4
"""Secrets that may work side by side; more would be rotations nobody follows any longer."""


_RAISES_VERSION = ("edit", "rotate", "renew", "stop-old", "enable", "disable", "delete", "restore")
"""The actions of audit entries that go with a new version."""


class Keep(Enum):
    """Stands for the expiry that a token has."""

    EXPIRY = "keep"


@refusals_recorded("reveal")
@retried
def reveal_keys(
    context: Context, token_id: int, *, purpose: str = "reveal", recipient: str = ""
) -> tuple[Revealed, ...]:
    """The keys of a token in clear, the current one first, then those of a running overlap.

    Recorded in the audit under `purpose` (`reveal`, `copy` or `hand-over`, with the `recipient` of that) before
    anything is shown. Raises WrongState for a deleted token and where no secret can be shown; MasterKeyError without
    the right master key.
    """
    if not context.settings.reveal:
        raise WrongState("a key is shown when it is made, never again (reveal = false)", "rotate it for a new one")
    context.vault()  # raises where there is none, before anything is locked
    with context.database.write() as session:
        token = locked_token(session, context, token_id)
        states.require_allowed(Action.REVEAL, token)
        vault = context.vault_for_writing(session)
        showable = [(record, secret) for record, secret in live_secrets(session, context, token_id) if secret.sealed]
        if not showable:
            raise WrongState(f"the key of {token.label} can't be shown", "only its digest is kept: rotate it instead")
        revealed = tuple(Revealed(_unsealed(vault, token_id, secret), record) for record, secret in showable)
        audit.record(session, context, purpose, token_id, {"recipient": (None, recipient)} if recipient else None)
        session.commit()
    return revealed


@retried
def record_hand_over(context: Context, token_id: int, recipient: str) -> None:
    """Notes in the audit that a key that was just made is sealed to somebody, before it is."""
    with context.database.write() as session:
        audit.record(session, context, "hand-over", token_id, {"recipient": (None, recipient)})
        session.commit()


@refusals_recorded("rotate")
@retried
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
    context.vault()
    with context.database.write() as session:
        before = locked_token(session, context, token_id)
        _require_same_secret(session, before, expected_version)
        states.require_allowed(Action.ROTATE, before, new_expiry=not isinstance(expires, Keep))
        (issued,) = rotate_locked(session, context, (before,), overlap=overlap, expires=expires)
        session.commit()
    return issued


def rotate_locked(
    session: Session,
    context: Context,
    tokens: Sequence[TokenRecord],
    *,
    overlap: timedelta,
    expires: datetime | Keep | None = Keep.EXPIRY,
) -> list[Issued]:
    """Rotates tokens that allow it and that the open transaction has locked, with an audit entry each.

    Raises WrongState for one that has `MOST_LIVE_SECRETS` where there is an overlap.
    """
    now = context.now()
    stops = _stop_old(session, tokens, now, {token.id: now + overlap for token in tokens})
    keys = {token.id: new_key(token.id) for token in tokens}
    add_secrets(session, context, keys.values(), now)
    columns = {} if isinstance(expires, Keep) else {"expires_at": expires}
    update_many(session, context, ((token, columns) for token in tokens))
    after = rows.find_many(session, context, keys)
    issued = []
    for before in tokens:
        token, old_stops = after[before.id], stops.get(before.id)
        entry = {**audited_changes(before, token), "previous_stops_at": (None, utc_text(old_stops))}
        audit.record(session, context, Action.ROTATE.value, token.id, entry)
        previous = old_stops if old_stops is not None and old_stops > now else None
        issued.append(Issued(token, keys[token.id], previous))
    return issued


@refusals_recorded("renew")
@retried
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
    context.vault()
    with context.database.write() as session:
        before = locked_token(session, context, token_id)
        _require_same_secret(session, before, expected_version)
        states.require_allowed(Action.RENEW, before)
        now = context.now()
        stops = key = None
        if not keep_key:
            stops = _stop_old(session, (before,), now, {token_id: before.expires_at or now}).get(token_id)
            key = new_key(token_id)
            add_secrets(session, context, [key], now)
        update_token(session, context, before, expires_at=expires_at)
        after = rows.find(session, context, token_id)
        entry = audited_changes(before, after)
        if key is not None:
            entry["previous_stops_at"] = (None, utc_text(stops))
        audit.record(session, context, "renew", token_id, entry)
        session.commit()
    previous = stops if stops is not None and stops > now else None
    return Issued(after, key, previous)


@refusals_recorded("stop-old")
@retried
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


def extended_expiry(token: TokenRecord, extend: timedelta, now: datetime) -> datetime:
    """The expiry of a token that has one, later by `extend`, or that much from now on where it has passed.

    Where there is no moment so far away, the last one that there is.
    """
    assert token.expires_at is not None
    try:
        return max(token.expires_at, now) + extend
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def extend_locked(session: Session, context: Context, tokens: Sequence[TokenRecord], extend: timedelta) -> None:
    """Extends tokens that allow it and that the open transaction has locked; their secrets stay.

    An audit entry each. Raises ValidationError where an expiry would lie in the past or pass `max_lifetime`.
    """
    expiries = {token.id: extended_expiry(token, extend, context.now()) for token in tokens}
    for expires in expiries.values():
        _check_expiry(context, expires)
    update_many(session, context, ((token, {"expires_at": expiries[token.id]}) for token in tokens))
    after = rows.find_many(session, context, expiries)
    for token in tokens:
        audit.record(session, context, Action.RENEW.value, token.id, audited_changes(token, after[token.id]))


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
    TokenPolicy.of(context.settings).check_expiry(expires, now=now)


def _stop_old(
    session: Session, tokens: Sequence[TokenRecord], now: datetime, wanted: Mapping[int, datetime]
) -> dict[int, datetime]:
    """Lets each secret that works end when `wanted` of its token, or earlier where it would have.

    Returns the latest such end of each token that has a secret. Removes what has stopped.
    """
    expiries = {token.id: token.expires_at for token in tokens}
    session.execute(delete(Secret).where(Secret.token_id.in_(expiries), Secret.stops_at <= now))
    live = session.execute(
        select(Secret.id, Secret.token_id, Secret.stops_at).where(Secret.token_id.in_(expiries))
    ).all()
    number = Counter(secret.token_id for secret in live)
    for token in tokens:
        if wanted[token.id] > now and number[token.id] >= MOST_LIVE_SECRETS:
            hint = "wait for one to stop, or rotate at once"
            raise WrongState(f"{token.label} has {number[token.id]} secrets that work", hint)
    latest: dict[int, datetime] = {}
    ends = []
    for secret in live:
        token_id = secret.token_id
        moments = (wanted[token_id], secret.stops_at, expiries[token_id])
        stops = min(moment for moment in moments if moment is not None)
        ends.append({"id": secret.id, "stops_at": stops})
        latest[token_id] = max(latest.get(token_id, stops), stops)
    if ends:
        session.execute(update(Secret), ends)
    return latest


def _unsealed(vault: Vault, token_id: int, secret: Secret) -> Key:
    try:
        return vault.unseal(token_id, secret.sealed or b"")
    except SealBroken:
        raise MasterKeyError(
            f"the sealed secret of {format_id(token_id)} can't be opened", "run `tokentui db check`"
        ) from None
