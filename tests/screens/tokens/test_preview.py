"""The pane beside a wide table."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.messages import DatabaseState
from tokentui.screens.tokens.preview import Preview


async def test_it_follows_the_cursor_and_holds_no_secret(sample_app: TokentuiApp) -> None:
    """Status, key, use and origin of the token under the cursor."""
    async with sample_app.run_test(size=(180, 50)) as pilot:
        await settle(pilot)
        pane, table = table_of(sample_app).query_one(Preview), table_of(sample_app).table
        for _ in range(3):
            await wait_until(pilot, lambda: pane.shown is not None and pane.shown.token.id == table.token_id)
            text = str(pane.content)
            assert pane.shown is not None
            assert pane.shown.token.name in text
            assert f"{pane.shown.token.label}:••••••••\n" in text
            assert "Responses, 30 days" in text
            assert f"by {pane.shown.token.created_by}" in text
            await pilot.press("down")


async def test_what_is_longer_than_a_line_stands_under_its_beginning(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """Not under its label; and an expiry that is past is told as past."""
    modules = ("agreements", "helpdesk", "leads", "products", "subscriptions")
    make_token(context, modules=modules, expires_at=context.now() + timedelta(minutes=1))
    clock.move(days=1)
    async with app.run_test(size=(180, 50)) as pilot:
        await settle(pilot)
        pane = table_of(app).query_one(Preview)
        await wait_until(pilot, lambda: "May use" in str(pane.content))
        lines = str(pane.content).splitlines()
        assert "  expired 24 h ago" in lines[1]
        place = next(number for number, line in enumerate(lines) if line.startswith("May use"))
        assert lines[place + 1].startswith(" " * 11 + "leads, products")
        assert max(map(len, lines[place : place + 3])) <= pane.content_size.width


async def test_it_is_read_again_when_the_database_can_be(app: TokentuiApp, context: Context) -> None:
    """It went blank where it could not: the cursor did not move since."""
    make_token(context)
    async with app.run_test(size=(180, 50)) as pilot:
        await settle(pilot)
        pane = table_of(app).query_one(Preview)
        await wait_until(pilot, lambda: pane.shown is not None)
        pane.show(None)
        table_of(app).post_message(DatabaseState(""))
        await wait_until(pilot, lambda: pane.shown is not None)


async def test_z_shows_and_hides_it_from_180_columns_on(app: TokentuiApp, context: Context) -> None:
    """The table has the room that it leaves; a narrower screen has no room for it, and says so."""
    make_token(context)
    async with app.run_test(size=(180, 50)) as pilot:
        await settle(pilot)
        pane, table = table_of(app).query_one(Preview), table_of(app).table
        assert pane.display
        assert table.size.width == 180 - pane.outer_size.width
        await pilot.press("z")
        await settle(pilot)
        assert not pane.display
        assert table.outer_size.width == 180
        await pilot.press("z")
        await settle(pilot)
        assert pane.display
        await pilot.resize_terminal(179, 50)
        await wait_until(pilot, lambda: not pane.display)
        await pilot.press("z")
        await settle(pilot)
        assert not pane.display


async def test_a_token_that_goes_away_leaves_an_empty_pane(app: TokentuiApp) -> None:
    """As in a list without a row."""
    async with app.run_test(size=(180, 50)) as pilot:
        await settle(pilot)
        pane = table_of(app).query_one(Preview)
        await wait_until(pilot, lambda: str(pane.content) == "")
