"""What depends on time reads differently as time passes, in windows and screens that stay open, without a key."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from textual.pilot import Pilot
from textual.widgets import Static

from tests.factories import FrozenClock, make_token
from tests.screens.actions.driving import opened, start, words
from tests.screens.conftest import settle, wait_until
from tests.screens.details.driving import open_details, title
from tests.screens.wizard.test_screen import open_wizard
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.models import Token
from tokentui.screens.actions.bulk import BulkPreview
from tokentui.screens.actions.issue import NewKey
from tokentui.screens.actions.renew import RenewDialog
from tokentui.screens.actions.rotate import RotateDialog
from tokentui.screens.dialogs import Confirm
from tokentui.screens.token_form.draft import Step
from tokentui.screens.wizard.summary import SummaryPane
from tokentui.tokens.secrets import rotate_token


def record_use(context: Context) -> None:
    """Every token was used five minutes ago."""
    with context.database.write() as session:
        session.execute(update(Token).values(last_used_at=context.now() - timedelta(minutes=5)))
        session.commit()


async def reads(pilot: Pilot[None], text: str) -> None:
    """Waits until a text stands on the screen in front."""
    screen = pilot.app.screen
    await wait_until(pilot, lambda: any(text in str(line.content) for line in screen.query(Static)))


async def test_the_windows_of_one_token(app: TokentuiApp, context: Context, clock: FrozenClock) -> None:
    """Disable, delete, rotate and its new key, renew."""
    make_token(context)
    record_use(context)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        for key in ("t", "ctrl+d"):
            await pilot.press(key)
            await opened(pilot, Confirm)
            await reads(pilot, "last used")
            clock.move(hours=2)
            await reads(pilot, f"last used {2 if key == 't' else 4} h ago.")
            await pilot.press("escape")
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        await pilot.press("2")
        await reads(pilot, "stops Tue 24 Nov 2026 15:30 CET")
        clock.move(minutes=15)
        await reads(pilot, "stops Tue 24 Nov 2026 15:45 CET")
        assert dialog.query_one("#leave").has_focus
        await pilot.press("right", "enter")
        await opened(pilot, NewKey)
        await reads(pilot, "works until Tue 24 Nov 2026 15:45 CET (in 60 min)")
        clock.move(minutes=15)
        await reads(pilot, "works until Tue 24 Nov 2026 15:45 CET (in 45 min)")
        clock.move(minutes=50)
        await reads(pilot, "worked until Tue 24 Nov 2026 15:45 CET (5 min ago)")
        await pilot.press("escape", "w")
        await opened(pilot, RenewDialog)
        await reads(pilot, "Thu 24 Dec 2026 15:50 CET, in 30 days")
        clock.move(days=1)
        await reads(pilot, "Fri 25 Dec 2026 15:50 CET, in 30 days")
        clock.move(days=30)
        await reads(pilot, "the old one has stopped already")


async def test_a_token_that_expires_in_the_window_that_rotates_it(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    make_token(context, expires_at=context.now() + timedelta(minutes=5))
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        await opened(pilot, RotateDialog)
        clock.move(minutes=5)
        await reads(pilot, "a new expiry is needed: the token is expired")


async def test_the_preview_of_many(app: TokentuiApp, context: Context, clock: FrozenClock) -> None:
    """The lines of the tokens; at midnight "today" is another day."""
    make_token(context, "One")
    make_token(context, "Two")
    record_use(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await start(pilot, 2)
        await pilot.press("ctrl+a", "ctrl+d")
        dialog = await opened(pilot, BulkPreview)
        await reads(pilot, "used 5 min ago")
        assert "2 will stop · 2 of them used today" in words(dialog)
        clock.move(hours=2)
        await reads(pilot, "used 2 h ago")
        clock.move(hours=20)
        await wait_until(pilot, lambda: "used today" not in words(dialog))


async def test_the_summary_of_the_wizard(app: TokentuiApp, clock: FrozenClock) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press(*"Bill", "pagedown", "pagedown", "pagedown", "space", "pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY and bool(wizard.query(SummaryPane)))
        await reads(pilot, "24 Dec 2026 10:30 CET, in 30 days")
        clock.move(days=20)
        await reads(pilot, "24 Dec 2026 10:30 CET, in 10 days")


async def test_the_details(app: TokentuiApp, context: Context, clock: FrozenClock) -> None:
    """The status over the tabs, and the question whether an old key should stop."""
    token = make_token(context, expires_at=context.now() + timedelta(hours=3)).token
    rotate_token(context, token.id, overlap=timedelta(hours=2))
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        assert title(details).endswith("in 3 h")
        clock.move(hours=1)
        await wait_until(pilot, lambda: title(details).endswith("in 2 h"))
        with context.database.write() as session:
            session.connection().exec_driver_sql("UPDATE secrets SET last_used_at = created_at")
            session.commit()
        await pilot.press("f5")
        await settle(pilot)
        await details.run_action("stop_old")
        await opened(pilot, Confirm)
        await reads(pilot, "It was last used 60 min ago.")
        clock.move(minutes=30)
        await reads(pilot, "It was last used 2 h ago.")
