"""The footer: what matters most stays where there is little room, in the same order as where there is much."""

from __future__ import annotations

from tests.factories import make_token
from tests.screens.conftest import settle
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.footer import Footer

_EVERY = "⏎ Open,n New,/ Filter,Space Mark,m Menu,c Copy key,t Disable,r Rotate,w Renew,^d Delete,q Quit,? Help"
_LEAST = "n New,/ Filter,m Menu,c Copy,t Disable,r Rotate,^d Delete,q Quit,? Help"


async def test_what_stops_a_token_stays_in_80_columns(app: TokentuiApp, context: Context) -> None:
    make_token(context)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        async def shown(width: int) -> list[str]:
            await pilot.resize_terminal(width, 24)
            await settle(pilot)
            return [f"{entry.key} {entry.label}" for entry in app.screen.query_one(Footer).shown()]

        assert await shown(80) == _LEAST.split(",")
        assert await shown(120) == _EVERY.split(",")
        assert {"n New", "t Disable", "r Rotate", "q Quit", "? Help"} <= set(await shown(60))
        assert {"q Quit", "? Help"} <= set(await shown(40))
        await pilot.press("slash")
        assert await shown(80) == ["⏎ Rows", "Tab Complete", "Esc Clear", "^s Export", "F1 Help"]
