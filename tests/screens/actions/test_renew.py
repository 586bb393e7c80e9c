"""Renew one token: a preset or a date, with the same key or a new one."""

from __future__ import annotations

from datetime import timedelta

from textual.widgets import Button

from tests.factories import make_token
from tests.screens.actions.driving import is_safe, opened, said, start, words
from tests.screens.conftest import wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.actions.issue import NewKey
from tokentui.screens.actions.renew import RenewDialog
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.tokens.reads import get_token, list_secrets


async def test_renew_with_a_preset_and_the_same_key(app: TokentuiApp, context: Context) -> None:
    """The wizard's own presets; the key stays where that is chosen."""
    token = make_token(context, days=3).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("w")
        dialog = await opened(pilot, RenewDialog)
        assert is_safe(dialog)
        assert "the old one stops Fri 27 Nov 2026 10:30 CET" in words(dialog)
        dialog.query_one("#when-choice", Choice).highlighted = 3
        dialog.query_one("#key-choice", Choice).highlighted = 1
        await wait_until(pilot, lambda: "The key stays as it is" in words(dialog))
        assert "Mon 22 Feb 2027 10:30 CET, in" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert "The key is the same as before." in words(result)
        assert not result.query(SecretField)
    assert get_token(context, token.id).expires_at == context.now() + timedelta(days=90)
    assert len(list_secrets(context, token.id)) == 1


async def test_renew_with_a_date_and_a_new_key(app: TokentuiApp, context: Context) -> None:
    """The old key works until its own old expiry."""
    token = make_token(context, days=3).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("w")
        dialog = await opened(pilot, RenewDialog)
        dialog.query_one("#when-choice", Choice).highlighted = 6
        field = dialog.query_one("#field-expires", Field)
        await wait_until(pilot, lambda: field.display)
        field.focus_input()
        await pilot.press(*"2026-11-25")
        await wait_until(pilot, lambda: "expires earlier than now" in words(dialog))
        field.value = "2027-01-07"
        await wait_until(pilot, lambda: "Thu 7 Jan 2027 23:59 CET" in words(dialog))
        dialog.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert "The old key works until Fri 27 Nov 2026 10:30 CET (in 3 days)." in words(result)
    assert len(list_secrets(context, token.id)) == 2


async def test_a_perpetual_token_is_not_renewed(app: TokentuiApp, context: Context) -> None:
    """w says why; the menu does not offer it."""
    make_token(context, days=None)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("w")
        await wait_until(pilot, lambda: "never expires" in said(app))
        assert isinstance(app.screen, TokensScreen)
