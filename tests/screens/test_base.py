"""What every screen does the same way: here, when it says that it is at work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from textual.timer import Timer

from tests.screens.conftest import settle, wait_until
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens import base
from tokentui.screens.tokens.screen import TokensScreen


async def test_long_work_is_shown_until_it_ends(app: TokentuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not longer, and not where the work was short."""
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = table_of(app)
        assert not screen.busy
        monkeypatch.setattr(base, "SPINNER_DELAY", 0.001)
        end = threading.Event()
        work = asyncio.create_task(screen.change(lambda context: end.wait(10)))
        try:
            await wait_until(pilot, lambda: screen.busy)
        finally:
            end.set()
        assert await work
        await settle(pilot)
        assert not screen.busy


async def test_a_tick_that_comes_after_the_end_shows_nothing(app: TokentuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer's message may wait in the queue while the work ends: nobody would take the word away again."""
    ticks: list[Callable[[], object]] = []
    set_timer = TokensScreen.set_timer

    def noted(screen: TokensScreen, delay: float, callback: Callable[[], object]) -> Timer:
        ticks.append(callback)
        return set_timer(screen, delay, callback)

    def service(context: Context) -> str:
        return "done"

    async with app.run_test() as pilot:
        await settle(pilot)
        screen = table_of(app)
        monkeypatch.setattr(TokensScreen, "set_timer", noted)
        assert await screen.change(service) == "done"
        assert len(ticks) == 1
        ticks[0]()
        assert not screen.busy
