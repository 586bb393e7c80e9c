"""The secrets of a token: shown, rotated, renewed."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import Conflict, MasterKeyError, ReadOnly, WrongState
from tokentui.models import AuditEntry
from tokentui.records import Action, Status, TokenChanges
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.edit import edit_token
from tokentui.validation import ValidationError

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def rows(context: Context, table: type) -> int:
    """How many rows a table has."""
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_rotation_and_its_overlap(context: Context, clock: FrozenClock) -> None:
    """The old secret stops at once, or after the overlap, never later than its own expiry."""
    token = make_token(context, days=1).token
    first = secrets.reveal_keys(context, token.id)[0].key
    at_once = secrets.rotate_token(context, token.id)
    assert at_once.previous_stops_at is None
    assert at_once.token.expires_at == token.expires_at
    assert [secret.current for secret in reads.list_secrets(context, token.id)] == [True]
    later = secrets.rotate_token(context, token.id, overlap=HOUR)
    assert later.previous_stops_at == clock() + HOUR
    assert [revealed.key for revealed in secrets.reveal_keys(context, token.id)] == [later.key, at_once.key]
    longest = secrets.rotate_token(context, token.id, overlap=timedelta(days=9), expires=None)
    assert longest.previous_stops_at == token.expires_at
    assert longest.token.expires_at is None
    stops = [secret.stops_at for secret in reads.list_secrets(context, token.id)]
    assert stops == [None, token.expires_at, clock() + HOUR]
    clock.move(hours=2)
    assert len(reads.list_secrets(context, token.id)) == 2
    assert first not in [revealed.key for revealed in secrets.reveal_keys(context, token.id)]


def test_only_so_many_secrets_side_by_side(context: Context) -> None:
    """A rotation at once is always possible."""
    token = make_token(context).token
    for _ in range(secrets.MOST_LIVE_SECRETS - 1):
        secrets.rotate_token(context, token.id, overlap=HOUR)
    with pytest.raises(WrongState):
        secrets.rotate_token(context, token.id, overlap=HOUR)
    secrets.rotate_token(context, token.id)
    assert len(reads.list_secrets(context, token.id)) == 1


def test_renewal(context: Context, clock: FrozenClock) -> None:
    """The old secret works until its own old expiry; an expired token can be renewed; the key can be kept."""
    token = make_token(context, days=1).token
    ahead = clock() + timedelta(days=90)
    renewed = secrets.renew_token(context, token.id, expires_at=ahead)
    assert (renewed.token.expires_at, renewed.previous_stops_at) == (ahead, token.expires_at)
    kept = secrets.renew_token(context, token.id, expires_at=ahead + HOUR, keep_key=True)
    assert kept.key is None
    assert secrets.reveal_keys(context, token.id)[0].key == renewed.key
    clock.move(days=91)
    assert reads.get_token(context, token.id).status is Status.EXPIRED
    with pytest.raises(WrongState, match="renew"):
        secrets.rotate_token(context, token.id)
    again = secrets.renew_token(context, token.id, expires_at=clock() + HOUR)
    assert again.previous_stops_at is None
    assert again.token.status is Status.EXPIRING
    assert len(reads.list_secrets(context, token.id)) == 1
    with pytest.raises(WrongState, match="never expires"):
        secrets.renew_token(context, make_token(context, days=None).token.id, expires_at=clock() + HOUR)
    with pytest.raises(ValidationError):
        secrets.renew_token(context, token.id, expires_at=clock() - HOUR)


def test_master_keys_that_are_not_the_one(context: Context, open_as: Callable[..., Context]) -> None:
    """Missing, wrong, unreadable: refused before anything is written, and never made anew."""
    number = make_token(context).token.id
    file = context.settings.home / "master.key"
    key = file.read_bytes()
    before = rows(context, AuditEntry)
    for content in (base64.b64encode(os.urandom(32)), b"nonsense", b""):
        file.write_bytes(content)
        other = open_as()
        calls: tuple[Callable[[], object], ...] = (
            lambda: make_token(other),  # noqa: B023
            lambda: secrets.reveal_keys(other, number),  # noqa: B023
        )
        for call in calls:
            with pytest.raises(MasterKeyError):
                call()
    file.unlink()
    with pytest.raises(MasterKeyError, match="missing"):
        secrets.reveal_keys(open_as(), number)
    assert not file.exists()
    assert rows(context, AuditEntry) == before
    assert reads.get_token(open_as(), number).id == number
    file.write_bytes(key)
    assert secrets.reveal_keys(open_as(), number)


def test_another_rotation_is_a_conflict_and_an_edit_is_none(
    context: Context, open_as: Callable[..., Context], clock: FrozenClock
) -> None:
    """A second rotation would stop the key that the first operator just handed out."""
    token, bob = make_token(context).token, open_as(BOB)
    edit_token(bob, token.id, TokenChanges(name="Bob's"))
    bulk.apply(bob, Action.DISABLE, [token.id])
    renewed = secrets.renew_token(
        context, token.id, expires_at=clock() + timedelta(days=60), expected_version=token.version
    ).token
    later = clock() + timedelta(days=90)
    with pytest.raises(Conflict, match=r"alice renewed SU-"):
        secrets.rotate_token(bob, token.id, expected_version=token.version)
    with pytest.raises(Conflict, match=r"alice renewed SU-"):
        secrets.renew_token(bob, token.id, expires_at=later, expected_version=token.version)
    secrets.reveal_keys(context, token.id)
    assert secrets.rotate_token(bob, token.id, expected_version=renewed.version).key


def test_an_overlap_is_ended(context: Context, open_as: Callable[..., Context]) -> None:
    """The old secret is gone at once and the current one stays; both is told, in the audit too."""
    token = make_token(context).token
    secrets.rotate_token(context, token.id, overlap=HOUR)
    current = secrets.rotate_token(context, token.id, overlap=HOUR).key
    assert len(reads.list_secrets(context, token.id)) == 3
    after = secrets.stop_old(open_as(BOB), token.id)
    assert after.updated_by == BOB.label
    (left,) = reads.list_secrets(context, token.id)
    assert left.current
    assert left.stops_at is None
    (revealed,) = secrets.reveal_keys(context, token.id)
    assert revealed.key == current
    entry = next(entry for entry in audit.entries(context, token.id) if entry.action == "stop-old")
    assert entry.changes == {"previous_stops_at": ("2026-11-24T10:30:00Z", None)}


def test_without_an_overlap_nothing_is_ended(context: Context, clock: FrozenClock) -> None:
    """No old key, one that has stopped by itself, a deleted token: refused, and nothing but that is written."""
    token = make_token(context).token
    with pytest.raises(WrongState, match="no old key"):
        secrets.stop_old(context, token.id)
    secrets.rotate_token(context, token.id, overlap=HOUR)
    clock.move(hours=2)
    with pytest.raises(WrongState, match="no old key"):
        secrets.stop_old(context, token.id)
    secrets.rotate_token(context, token.id, overlap=HOUR)
    bulk.apply(context, Action.DELETE, [token.id])
    entries = rows(context, AuditEntry)
    with pytest.raises(WrongState, match="is deleted"):
        secrets.stop_old(context, token.id)
    assert rows(context, AuditEntry) == entries + 1


def test_a_key_is_not_shown_where_that_can_not_be_recorded(context: Context, open_as: Callable[..., Context]) -> None:
    """The entry is there before the key is; a database that is only read shows none."""
    number = make_token(context).token.id
    secrets.reveal_keys(context, number, purpose="copy")
    assert [entry.action for entry in audit.entries(context, number)] == ["copy", "create"]
    with pytest.raises(ReadOnly):
        secrets.reveal_keys(open_as(read_only=True), number)
