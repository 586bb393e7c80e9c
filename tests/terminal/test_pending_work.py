"""Which workers the next key waits for."""

from __future__ import annotations

import asyncio

from textual.app import App
from textual.worker import Worker

from tokentui.terminal.pending_work import READING, PendingWork


async def test_what_the_next_key_waits_for() -> None:
    """An action of the last key, until it waits for a dialog; not what ran before, nor a second read."""
    app: App[None] = App()
    async with app.run_test():
        work, end, read = PendingWork(app), asyncio.Event(), asyncio.Event()

        def start(group: str) -> Worker[bool]:
            return app.screen.run_worker(end.wait(), group=group)

        first_read = app.screen.run_worker(read.wait(), group=f"{READING}list")
        assert work.is_under_way()
        read.set()
        await first_read.wait()
        assert not work.is_under_way()
        start(f"{READING}list")
        assert not work.is_under_way()
        start("usage")
        work.begin_key()
        assert not work.is_under_way()
        action = start("action")
        assert work.is_under_way()
        work.waiting_for_dialog.add(action)
        assert not work.is_under_way()
        end.set()
