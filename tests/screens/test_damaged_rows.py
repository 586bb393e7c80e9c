"""The app on a database with rows that hold what the program never writes."""

from __future__ import annotations

from tests.damage import add_damaged_rows
from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.messages import OpenToken
from tokentui.screens.tokens.screen import TokensScreen


async def test_the_table_and_the_details_show_them(context: Context) -> None:
    """Every row of the table is drawn; the details of each kind of damage open, with the history, and close."""
    whole = make_token(context, "Whole", modules=("usage",), networks=("10.0.0.0/8",)).token
    assert context.database.path is not None
    add_damaged_rows(context.database.path, "tokens")
    add_damaged_rows(context.database.path, "audit")
    tokens = list(pages.stream(context, ListSpec(sort=Sort(SortField.ID))))
    kinds = {token.damaged: token for token in tokens if token.damaged}
    assert len(kinds) > 15
    app = TokentuiApp(context)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, TokensScreen)
        for key in ("end", "pageup", "pageup", "home", "s", "end", "s", "end"):
            await pilot.press(key)
            await settle(pilot)
        for token in (*kinds.values(), whole):
            app.post_message(OpenToken(token.id, ListSpec()))
            await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.details is not None)
            # The damaged entries of the audit are all of the token that is whole.
            for key in ("2", "3", "4", "1", "escape") if token is whole else ("escape",):
                await settle(pilot)
                await pilot.press(key)
            await settle(pilot)
        assert isinstance(app.screen, TokensScreen)
