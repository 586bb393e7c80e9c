"""What every screen does the same way: here, when it says that it is at work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from textual.timer import Timer

from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.errors import DatabaseLocked
from tokentui.screens import base
from tokentui.screens.base import WaitingGivenUp
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


async def test_a_change_that_nobody_waits_for_any_longer_is_told_when_it_ends(app: TokentuiApp) -> None:
    """The waiting ends at once; the service goes on, and its result comes where it is told."""
    late: list[str] = []
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = table_of(app)
        end = threading.Event()

        def service(context: Context) -> str:
            end.wait(10)
            return "done"

        assert not screen.give_up()
        work = asyncio.create_task(screen.change(service, late.append))
        await wait_until(pilot, screen.give_up)
        with pytest.raises(WaitingGivenUp):
            await work
        assert late == []
        end.set()
        await wait_until(pilot, lambda: late == ["done"])


async def test_a_change_that_fails_late_says_so(app: TokentuiApp) -> None:
    """Whoever stopped waiting learns that nothing was done."""
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = table_of(app)
        end = threading.Event()

        def service(context: Context) -> None:
            end.wait(10)
            raise DatabaseLocked("tokens.db is locked by another process", "try again in a moment")

        work = asyncio.create_task(screen.change(service, lambda _: None))
        await wait_until(pilot, screen.give_up)
        with pytest.raises(WaitingGivenUp):
            await work
        end.set()
        await wait_until(pilot, lambda: bool(toasts(app)))
        (toast,) = toasts(app)
        assert "locked" in toast.title
