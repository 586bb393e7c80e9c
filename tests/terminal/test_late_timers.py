"""A program that stands still for a second between any two looks at the clock."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from textual import _time

from tokentui.terminal.textual_internals import TerminalApp


async def test_a_timer_that_is_late_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once: its moment is over."""
    app = TerminalApp()
    rung = asyncio.Event()
    async with app.run_test():
        seconds = itertools.count()
        with monkeypatch.context() as patch:
            patch.setattr(_time, "get_time", lambda: float(next(seconds)))
            app.set_timer(0.15, rung.set)
            async with asyncio.timeout(10):
                await rung.wait()
