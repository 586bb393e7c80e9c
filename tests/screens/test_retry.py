"""What failed is tried again once, however often it failed meanwhile."""

from __future__ import annotations

from tests.screens.conftest import settle
from tests.screens.drawn import timers
from tokentui.app import TokentuiApp
from tokentui.screens.retry import AFTER_S, Retry


async def test_five_failures_leave_one_timer(app: TokentuiApp) -> None:
    """F5 five times while the database is away."""
    async with app.run_test() as pilot:
        await settle(pilot)
        retry = Retry(app.screen, lambda: None)
        for _ in range(5):
            retry.later()
        assert len(timers(app.screen, AFTER_S)) == 1
        retry.stop()
        assert not retry.is_waiting
