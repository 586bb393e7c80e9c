"""The Permissions tab: every module, those of the token first."""

from __future__ import annotations

from textual.widgets import Input, Static

from tests.factories import make_token
from tests.screens.conftest import settle
from tests.screens.details.driving import open_details
from tokentui.app import TokentuiApp
from tokentui.context import Context


async def test_permissions_name_every_module(app: TokentuiApp, context: Context) -> None:
    """Those of the token first; the filter finds by name and path; escape clears it before it leaves."""
    token = make_token(context, modules=("helpdesk", "usage"), all_modules=False).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await settle(pilot)

        def lines() -> list[str]:
            text = str(details.query_one("#permissions-rows", Static).content)
            return [line for line in text.splitlines() if not line.startswith("  ")]

        assert details.details is not None
        assert len(lines()) == len(details.details.catalog.modules)
        assert [line.split()[0] for line in lines() if "Enabled" in line] == ["Helpdesk", "Usage"]
        assert "Enabled" in lines()[1]
        assert "—" in lines()[2]
        await pilot.press("slash", *"agree")
        assert [line.split()[0] for line in lines()] == ["Agreements"]
        await pilot.press(*"xxx")
        assert lines() == ["No module matches. Esc clears the filter."]
        await pilot.press("escape")
        assert details.query_one("#permissions-filter", Input).value == ""
        assert app.screen is details


async def test_all_modules_are_named_as_such(app: TokentuiApp, context: Context) -> None:
    """Full is not today's list."""
    token = make_token(context).token
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        assert str(details.query_one("#permissions-summary", Static).content).startswith("Full: All Modules")
        first = str(details.query_one("#permissions-rows", Static).content).splitlines()[0]
        assert first.startswith("All Modules")
        assert "Enabled" in first
