"""The top line: it says that the master key has no backup, until it has."""

from __future__ import annotations

from textual.widgets import Static

from tests.factories import make_token
from tests.screens.conftest import settle
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.operations.master_key_backup import backup


async def test_the_reminder_goes_away_once_there_is_a_backup(app: TokentuiApp, context: Context) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        reminder = app.screen.query_one("#backup", Static)
        assert not reminder.display
        make_token(context)
        await pilot.press("f5")
        await settle(pilot)
        assert reminder.display
        backup(context, None)
        await pilot.press("f5")
        await settle(pilot)
        assert not reminder.display
