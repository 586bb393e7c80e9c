"""Rotate one token: what will happen, the new key, and nothing lost where it fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from textual.widgets import Button, Static

from tests.factories import FrozenClock, make_token
from tests.screens.actions.driving import closed, is_safe, opened, said, start, words
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Actor, Context
from tokentui.crypto.key_format import masked
from tokentui.errors import DatabaseLocked
from tokentui.records import Status
from tokentui.screens.actions import rotate
from tokentui.screens.actions.issue import NewKey
from tokentui.screens.actions.overlap import OverlapField
from tokentui.screens.actions.rotate import RotateDialog
from tokentui.screens.offers import Offers
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.key_line import KeyLine
from tokentui.screens.widgets.secret_field import SHOWN_ONCE, SecretField
from tokentui.tokens import secrets
from tokentui.tokens.reads import get_token, list_secrets

Other = Callable[..., Context]


async def test_rotate_says_what_will_happen_and_shows_the_key(
    app: TokentuiApp, context: Context, sent: list[str]
) -> None:
    """An overlap of an hour: the old key's end before, the new key after, covered, to view and to copy."""
    old = make_token(context).key
    assert old is not None
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        assert is_safe(dialog)
        assert "The old key stops at once." in words(dialog)
        await pilot.press("2")
        await settle(pilot)
        assert "The old key stops Tue 24 Nov 2026 11:30 CET (in 60 min)." in words(dialog)
        await pilot.press("right", "enter")
        result = await opened(pilot, NewKey)
        assert "The old key works until Tue 24 Nov 2026 11:30 CET (in 60 min)." in words(result)
        text = result.query_one("#secret-text", Static)
        assert str(text.content) == masked(old.token_id)
        await pilot.press("v")
        await wait_until(pilot, lambda: result.query_one(SecretField).shown)
        shown = str(text.content)
        await pilot.press("c")
        await wait_until(pilot, lambda: sent == [shown])
        await pilot.press("escape")
        await closed(pilot)
    assert shown.startswith(f"{masked(old.token_id)[:15]}")
    assert shown != old.text
    assert [secret.stops_at for secret in list_secrets(context, old.token_id)] == [
        None,
        context.now() + timedelta(hours=1),
    ]


async def test_an_overlap_never_passes_the_expiry(app: TokentuiApp, context: Context) -> None:
    """24 hours of a token that ends in 12."""
    make_token(context, days=0.5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r", "3")
        dialog = await opened(pilot, RotateDialog)
        await wait_until(pilot, lambda: "(in 12 h)" in words(dialog))


async def test_an_overlap_of_ones_own_is_checked_as_it_is_typed(app: TokentuiApp, context: Context) -> None:
    """What is wrong stands there, nothing is done, nothing typed is lost."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r", "4")
        dialog = await opened(pilot, RotateDialog)
        await settle(pilot)
        assert "a time is needed" in words(dialog)
        await pilot.press(*"2x")
        assert "is not a duration" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        await settle(pilot)
        assert app.screen is dialog
        assert dialog.query_one("#field-overlap", Field).value == "2x"
        assert get_token(context, token.id).version == token.version
        await pilot.press("backspace", "h")
        assert "(in 2 h)" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        await opened(pilot, NewKey)
    assert list_secrets(context, token.id)[1].stops_at == context.now() + timedelta(hours=2)


async def test_an_expired_token_is_rotated_only_with_a_new_expiry(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """The window asks for it."""
    token = make_token(context, days=1).token
    clock.move(days=2)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        assert "a new expiry is needed" in words(dialog)
        dialog.query_one("#field-expires", Field).focus_input()
        await pilot.press(*"2020-01-01")
        assert "lies in the past" in words(dialog)
        dialog.query_one("#field-expires", Field).value = "10d"
        await settle(pilot)
        assert "The token expires: Sun 6 Dec 2026 10:30 CET" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert "The old key has stopped." in words(result)
    assert get_token(context, token.id).status is Status.ACTIVE


async def test_a_rotation_that_fails_keeps_what_was_typed(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A locked database: the window stays with the reason, and goes on when the lock is gone."""
    token = make_token(context).token

    def locked(*args: object, **kwargs: object) -> None:
        raise DatabaseLocked("the database is locked", "try again")

    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r", "1")
        dialog = await opened(pilot, RotateDialog)
        with monkeypatch.context() as broken:
            broken.setattr(rotate, "rotate_token", locked)
            dialog.query_one("#confirm", Button).press()
            await wait_until(pilot, lambda: "the database is locked: try again" in words(dialog))
        assert dialog.query_one(OverlapField).overlap == timedelta(minutes=15)
        await wait_until(pilot, lambda: not dialog.query_one("#confirm", Button).disabled)
        dialog.query_one("#confirm", Button).press()
        await opened(pilot, NewKey)
    assert len(list_secrets(context, token.id)) == 2


async def test_a_rotation_of_what_another_has_rotated(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """What the window says might not hold any longer: refused, with who it was."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        secrets.rotate_token(open_as(Actor("bob")), token.id)
        dialog.query_one("#confirm", Button).press()
        await wait_until(pilot, lambda: "bob rotated" in words(dialog))
    assert len(list_secrets(context, token.id)) == 1


@pytest.mark.parametrize("goes_away", [False, True])
async def test_what_is_waited_for_is_said_and_need_not_be_waited_for(
    app: TokentuiApp, context: Context, goes_away: bool
) -> None:
    """A database that another process holds: a spinner with the reason, escape ends it.

    What succeeds later shows the new key where one still stands before the question, and is told where not.
    """
    token = make_token(context, "Billing").token
    assert context.database.path is not None
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        context.vault()
        holder = sqlite3.connect(context.database.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        dialog.query_one("#confirm", Button).press()
        line = dialog.query_one(".dialog-keys", KeyLine)
        await wait_until(pilot, lambda: "locked by another process · Esc stops waiting" in str(line.render()))
        assert line.size.width >= len(str(line.render()))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "You stopped waiting" in words(dialog))
        assert app.screen is dialog
        if goes_away:
            await pilot.press("escape")
            await closed(pilot)
        holder.execute("ROLLBACK")
        holder.close()
        if goes_away:
            await wait_until(pilot, lambda: "Rotate of Billing was done after all" in said(app))
        else:
            assert "Billing was rotated" in words(await opened(pilot, NewKey))
    assert get_token(context, token.id).version > token.version


async def test_a_key_that_is_shown_once(app: TokentuiApp, context: Context) -> None:
    """`reveal = false`: said beside the new key, and nothing offers to show or copy one of before."""
    context.settings = replace(context.settings, reveal=False)
    make_token(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await start(pilot)
        offered = {offer.command.id for offer in cast(Offers, app.screen).offers()}
        assert "token.rotate" in offered
        assert not {"token.copy_key", "details.view_key"} & offered
        await pilot.press("r")
        await opened(pilot, RotateDialog)
        await pilot.press("tab", "tab")
        app.screen.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert SHOWN_ONCE in words(result)
        await pilot.press("v")
        await wait_until(pilot, lambda: result.query_one(SecretField).shown)
        await pilot.press("escape")
        await closed(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "only its digest is kept: it can't be shown" in [
            str(note.content) for note in app.screen.query(".secret-note").results(Static)
        ]
        assert not {"token.copy_key", "details.view_key"} & {
            offer.command.id for offer in cast(Offers, app.screen).offers()
        }
