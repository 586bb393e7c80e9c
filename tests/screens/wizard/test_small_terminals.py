"""The wizard where there is little room: the keys and buttons of each step are in view, and the fields scroll."""

from __future__ import annotations

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Button

from tests.screens.conftest import settle, wait_until
from tests.screens.wizard.test_screen import open_wizard, step_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec
from tokentui.screens.token_form.draft import Step
from tokentui.screens.token_form.form_keys import FormKeys
from tokentui.screens.wizard.screen import WizardScreen


def assert_in_view(wizard: WizardScreen) -> None:
    """The frame, the line of keys, each button with its whole label, and what has the focus."""
    screen = Region(0, 0, *wizard.size)
    assert screen.contains_region(wizard.query_one("#form").region)
    keys = wizard.query_one(FormKeys)
    assert screen.contains_region(keys.region)
    assert "Esc" in str(keys.render())
    for button in wizard.query(Button):
        if button.display:
            assert screen.contains_region(button.region)
            assert button.content_region.width >= len(str(button.label)), button.label
    focused = wizard.focused
    assert focused is not None
    # What is drawn at its first cell is it: it was not scrolled away.
    assert wizard.get_widget_at(focused.region.x, focused.region.y)[0] is focused


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


@pytest.mark.parametrize("size", [(60, 20), (40, 12)])
async def test_a_token_is_made_by_keys_with_everything_in_view(
    app: TokentuiApp, context: Context, size: tuple[int, int]
) -> None:
    """All of General, Expiration, Extension, Permissions and Summary."""
    async with app.run_test(size=size) as pilot:
        wizard = await open_wizard(app, pilot)
        for text in ("Billing", "E-1", "Ops", "nightly"):
            await press(pilot, *text)
            assert_in_view(wizard)
            await press(pilot, "tab")
        await press(pilot, "pagedown")
        assert step_of(wizard) is Step.EXPIRATION
        await press(pilot, *["down"] * 5, "enter", *"+45d")
        assert_in_view(wizard)
        await press(pilot, "pagedown")
        assert step_of(wizard) is Step.EXTENSION
        assert_in_view(wizard)
        await press(pilot, "pagedown")
        assert step_of(wizard) is Step.PERMISSIONS
        assert_in_view(wizard)
        await press(pilot, "slash", *"usage", "enter", "space")
        assert_in_view(wizard)
        await press(pilot, "tab", *"203.0.113.0/24")
        assert_in_view(wizard)
        await press(pilot, "pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        await settle(pilot)
        assert_in_view(wizard)
        await press(pilot, "v")
        (token,) = pages.page(context, ListSpec())
        assert (token.name, token.external_id, token.owner, token.description) == ("Billing", "E-1", "Ops", "nightly")
        assert (token.modules, token.networks) == (("usage",), ("203.0.113.0/24",))
