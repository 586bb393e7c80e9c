"""When the app has nothing left to do, told by its event loop.

Textual's own way is to look whether the process takes little CPU time for 20 ms, twice for each key: that is too early
where other processes take the CPU, and mostly waiting where they don't.
"""

from __future__ import annotations

import asyncio
from typing import Any

import textual.app
import textual.pilot

SOON = 1 / 40
"""Seconds within which a timer counts as work at hand: a screen is drawn 60 times a second."""


async def until_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Returns when no callback is ready and no timer is due soon; threads are not looked at, see `settle`."""
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    while loop.time() < end:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        due = [handle.when() for handle in loop._scheduled if not handle.cancelled()]
        following = min(due, default=end) - loop.time()
        if following > SOON:
            return
        await asyncio.sleep(max(0, following))


def install() -> None:
    """Lets Textual's pilot wait this way; its arguments are kept."""
    for module in (textual.app, textual.pilot):
        assert callable(module.wait_for_idle)
        module.wait_for_idle = until_idle  # type: ignore[attr-defined]
