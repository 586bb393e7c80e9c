"""What a key opens that was seen somewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import FrozenClock, make_token
from tokentui.context import Context
from tokentui.crypto.key_format import Key, new_key
from tokentui.leaks import key_status
from tokentui.leaks.key_status import KeyStatus, seen_keys
from tokentui.leaks.scan import Match
from tokentui.records import Action
from tokentui.tokens import bulk, secrets


def made_key(context: Context) -> tuple[int, Key]:
    """A new token's ID and key."""
    issued = make_token(context)
    assert issued.key is not None
    return issued.token.id, issued.key


def statuses(context: Context, *keys: Key) -> list[KeyStatus]:
    """Of each key, in order."""
    return [seen.status for seen in seen_keys(context, [Match("file", 1, key) for key in keys])]


def test_each_status(context: Context, clock: FrozenClock) -> None:
    """Live, about to expire, stopped, of no token; and later expired, disabled, deleted."""
    ids, keys = zip(*(made_key(context) for _ in range(5)), strict=True)
    new = secrets.rotate_token(context, ids[2]).key
    assert new is not None
    bulk.apply(context, Action.DISABLE, [ids[3]])
    bulk.apply(context, Action.DELETE, [ids[4]])
    never = new_key(1)
    assert statuses(context, *keys, new, never, keys[0]) == [
        KeyStatus.ACTIVE, KeyStatus.ACTIVE, KeyStatus.STOPPED, KeyStatus.DISABLED, KeyStatus.DELETED,
        KeyStatus.ACTIVE, KeyStatus.UNKNOWN, KeyStatus.ACTIVE,
    ]  # fmt: skip
    clock.move(days=25)
    assert statuses(context, keys[0]) == [KeyStatus.EXPIRING]
    clock.move(days=25)
    assert statuses(context, keys[0], keys[3]) == [KeyStatus.EXPIRED, KeyStatus.DISABLED]


def test_an_old_key_is_live_as_long_as_its_overlap(context: Context, clock: FrozenClock) -> None:
    """Both keys of a token are asked for by their digests."""
    token_id, key = made_key(context)
    secrets.rotate_token(context, token_id, overlap=timedelta(hours=1))
    assert statuses(context, key) == [KeyStatus.ACTIVE]
    clock.move(hours=1)
    assert statuses(context, key) == [KeyStatus.STOPPED]


def test_more_keys_than_are_remembered(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the batch that they fall in."""
    monkeypatch.setattr(key_status, "_MOST_REMEMBERED", 3)
    monkeypatch.setattr(key_status, "_BATCH_ROWS", 4)
    keys = [made_key(context)[1] if number % 2 else new_key(number) for number in range(11)]
    expected = [KeyStatus.ACTIVE if number % 2 else KeyStatus.UNKNOWN for number in range(11)]
    assert statuses(context, *keys, *keys) == expected * 2
