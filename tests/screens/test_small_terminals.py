"""A token's life in little room: made, viewed, rotated and deleted by keys alone, each window's buttons in view."""

from __future__ import annotations

from typing import Any

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button

from tests.screens.conftest import settle, wait_until
from tests.screens.wizard.test_small_terminals import assert_in_view
from tokentui import audit
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec
from tokentui.records import Status
from tokentui.screens.actions.issue import NewKey
from tokentui.screens.actions.rotate import RotateDialog
from tokentui.screens.details.key_box import KeyBox
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.dialogs import Confirm
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.key_line import KeyLine
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.screens.wizard.screen import WizardScreen
from tokentui.tokens.reads import get_token


async def opened(pilot: Pilot[None], kind: type[Screen[Any]]) -> Screen[Any]:
    """A screen of this kind in front, laid out, its buttons and its line of keys whole and in view."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await settle(pilot)
    screen = pilot.app.screen
    room = Region(0, 0, *screen.size)
    for widget in (*screen.query(Button), *screen.query(KeyLine)):
        if widget.display:
            assert room.contains_region(widget.region), (kind, widget)
            assert screen.get_widget_at(*widget.region.offset)[0] is widget, (kind, widget)
    for button in screen.query(Button):
        assert not button.display or button.content_region.width >= len(str(button.label)), (kind, button)
    return screen


@pytest.mark.parametrize("size", [(60, 20), (40, 12)])
async def test_a_token_is_made_viewed_rotated_and_deleted(
    app: TokentuiApp, context: Context, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:

        async def press(*keys: str) -> None:
            await pilot.press(*keys)
            await settle(pilot)

        await settle(pilot)
        await press("n")
        wizard = await opened(pilot, WizardScreen)
        assert isinstance(wizard, WizardScreen)
        for keys in ((*"Billing", "pagedown"), ("pagedown",), ("pagedown",), ("space",), ("pagedown",)):
            await press(*keys)
            assert_in_view(wizard)
        await wait_until(pilot, lambda: "Billing" in [token.name for token in pages.page(context, ListSpec())])
        await press("escape")
        await opened(pilot, TokensScreen)
        (token,) = pages.page(context, ListSpec())

        await press("enter")
        details = await opened(pilot, DetailsScreen)
        await press("v")
        await wait_until(pilot, lambda: "reveal" in [entry.action for entry in audit.entries(context, token.id)])
        await settle(pilot)
        field = details.query_one(KeyBox).query(SecretField).first()
        assert Region(0, 0, *size).overlaps(field.region)

        await press("r")
        await opened(pilot, RotateDialog)
        await press("1", "right", "enter")
        await opened(pilot, NewKey)
        await press("v")
        await opened(pilot, NewKey)
        await press("escape")
        await opened(pilot, DetailsScreen)
        assert get_token(context, token.id).version > token.version

        await press("ctrl+d")
        await opened(pilot, Confirm)
        await press("right", "enter")
        await wait_until(pilot, lambda: get_token(context, token.id).status is Status.DELETED)
        await press("escape")
        await opened(pilot, TokensScreen)
