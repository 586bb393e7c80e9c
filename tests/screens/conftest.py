"""The app on a test's own database, and how to wait until it has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from tests.screens import idle, painting, parsed_sheets
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.base import ServiceCalls
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.notice import Notice

idle.install()
painting.install()
parsed_sheets.install()

_under_way: list[object] = []
_change = ServiceCalls.change


async def _counted(
    calls: ServiceCalls, service: Callable[[Context], Any], late: Any = None, progress: Any = None
) -> Any:
    _under_way.append(service)
    try:
        return await _change(calls, service, late, progress)
    finally:
        _under_way.remove(service)


# A flow that waits for a service and one that waits for a dialog are both workers that stand still: told apart here.
ServiceCalls.change = _counted  # type: ignore[assignment]


async def settle(pilot: Pilot[None]) -> None:
    """Waits until no worker runs but those that wait for a dialog, and all keys and messages have been handled."""
    app: App[None] = pilot.app
    async with asyncio.timeout(60):  # a worker that nothing ends is a failure, not a suite that stands still
        await _settled(pilot, app)


async def _settled(pilot: Pilot[None], app: App[None]) -> None:
    while app.is_running and not all(map(_has_begun, app.screen_stack)):
        await pilot.pause(0.01)
    while True:
        await pilot.pause()
        waiting = len(app.screen_stack) > 0
        busy = [w for w in app.workers if w.is_running and not (waiting and w.group in WAITING)]
        if not busy and not _under_way and not _has_keys(app):
            break
        if not busy:
            await pilot.pause(0.01)
            continue
        await asyncio.wait([asyncio.create_task(w.wait()) for w in busy], return_when=asyncio.FIRST_COMPLETED)
    await pilot.pause()
    painting.paint(app)


def _has_keys(app: App[None]) -> bool:
    """Whether a key that was pressed has yet to be handled: it would go to what a test opens next."""
    return isinstance(app, TokentuiApp) and app.is_running and not app._keys.is_idle


def _has_begun(screen: Screen[Any]) -> bool:
    """Whether a list has been read once, or can't be: its first read begins when its first frame is there."""
    if not isinstance(screen, TokensScreen):
        return True
    return screen.listing is not None or any(notice.display for notice in screen.query(Notice))


WAITING = ("action", "copy", "create", "default", "menu", "save")
"""Groups of workers that may stand still while a dialog is open: they go on when it is answered."""


async def wait_until(pilot: Pilot[None], state: Callable[[], bool], *, seconds: float = 60) -> None:
    """Waits for a state; fails where it does not come, and tells what there was instead."""
    app: App[None] = pilot.app
    try:
        async with asyncio.timeout(seconds):
            while not state():
                await pilot.pause(0.02)
    except TimeoutError:
        busy = [worker.group for worker in app.workers if worker.is_running]
        raise AssertionError(f"not within {seconds} s; open are {app.screen_stack}, at work are {busy}") from None


@pytest.fixture
def app(context: Context) -> TokentuiApp:
    """The app, not yet started: `async with app.run_test(size=(120, 40)) as pilot`."""
    return TokentuiApp(context)


@pytest.fixture
def sample_app(sample: Context) -> TokentuiApp:
    """The app on 40 sample tokens with statistics."""
    return TokentuiApp(sample)


@pytest.fixture
def long_list_app(long_list: Context) -> TokentuiApp:
    """The app on 300 of them."""
    return TokentuiApp(long_list)
