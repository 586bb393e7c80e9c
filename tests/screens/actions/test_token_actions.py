"""Disable, enable, delete and restore one token: asked first, said after."""

from __future__ import annotations

from collections.abc import Callable

from tests.factories import make_token
from tests.screens.actions.driving import closed, is_safe, opened, said, start, words
from tests.screens.conftest import wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Actor, Context
from tokentui.listing.spec import ListSpec
from tokentui.records import Action, Status
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.dialogs import Confirm
from tokentui.screens.messages import OpenToken
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.tokens import bulk
from tokentui.tokens.reads import get_token

Other = Callable[..., Context]


async def test_disable_asks_and_enable_does_not(app: TokentuiApp, context: Context) -> None:
    """The question names the token, its safe button has the focus."""
    token = make_token(context, "Billing [b]export").token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        dialog = await opened(pilot, Confirm)
        assert "Disable Billing [b]export?" in words(dialog)
        assert token.label in words(dialog)
        assert "never used" in words(dialog)
        assert is_safe(dialog)
        await pilot.press("enter")
        await closed(pilot)
        assert get_token(context, token.id).status is Status.ACTIVE
        await pilot.press("t")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "disabled, u undoes" in said(app))
        assert get_token(context, token.id).status is Status.DISABLED
        await wait_until(pilot, lambda: app.screen.table.token.status is Status.DISABLED)  # type: ignore[attr-defined]
        await pilot.press("t")
        await wait_until(pilot, lambda: "enabled, t disables it again" in said(app))
        assert get_token(context, token.id).status is Status.ACTIVE


async def test_delete_restore_and_what_a_deleted_token_refuses(app: TokentuiApp, context: Context) -> None:
    """ctrl+d asks; then only restoring is possible, and each other key says so."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("ctrl+d")
        dialog = await opened(pilot, Confirm)
        assert "can be restored" in words(dialog)
        assert is_safe(dialog)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: get_token(context, token.id).status is Status.DELETED)
        await wait_until(pilot, lambda: "deleted, u undoes" in said(app))
        await pilot.press("5")
        await wait_until(pilot, lambda: app.screen.table.token is not None)  # type: ignore[attr-defined]
        for key in ("t", "r", "w", "e", "ctrl+d"):
            app.clear_notifications()
            await pilot.press(key)
            await wait_until(pilot, lambda: "is deleted" in said(app))
            assert isinstance(app.screen, TokensScreen)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: get_token(context, token.id).status is Status.ACTIVE)


async def test_an_action_that_came_too_late(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """Another operator has disabled it while the question stood: said, and nothing more."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        await opened(pilot, Confirm)
        bulk.apply(open_as(Actor("bob")), Action.DISABLE, (token.id,))
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "is disabled already" in said(app))


async def test_a_single_marked_token_is_the_one_that_is_meant(app: TokentuiApp, context: Context) -> None:
    """The cursor has moved on."""
    first, second = make_token(context, "First", days=10).token, make_token(context, "Second", days=20).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        screen = app.screen
        assert isinstance(screen, TokensScreen)
        screen.table.set_marks((first.id,))
        await pilot.press("G", "ctrl+d")
        assert screen.table.token == second
        dialog = await opened(pilot, Confirm)
        assert "Delete First?" in words(dialog)


async def test_the_keys_work_on_the_details_too(app: TokentuiApp, context: Context, sent: list[str]) -> None:
    """t, ctrl+d and y of the token that is shown; the header follows."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        app.post_message(OpenToken(token.id, ListSpec()))
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.details is not None)
        details = app.screen
        assert isinstance(details, DetailsScreen)
        await pilot.press("y")
        await wait_until(pilot, lambda: sent == [token.label])
        await pilot.press("t")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: details.details.token.status is Status.DISABLED)  # type: ignore[union-attr]
        await pilot.press("ctrl+d")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: details.details.token.status is Status.DELETED)  # type: ignore[union-attr]
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: details.details.token.status is Status.DISABLED)  # type: ignore[union-attr]
