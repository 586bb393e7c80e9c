"""Keys go to the app one after the other."""

from __future__ import annotations

from textual import events
from textual.app import App

from tokentui.terminal.key_queue import KeyFollowed, KeyQueue
from tokentui.terminal.pending_work import PendingWork


class QueueApp(App[None]):
    """Hands its keys on by a queue, as TerminalApp does, and keeps what came."""

    def __init__(self) -> None:
        super().__init__()
        self.work = PendingWork(self)
        self.keys = KeyQueue(self, self.deliver, self.work)
        self.delivered: list[str] = []

    async def deliver(self, event: events.Event) -> None:
        assert isinstance(event, events.Key)
        self.delivered.append(event.key)

    async def on_key_followed(self, message: KeyFollowed) -> None:
        await self.keys.followed(message)


async def test_the_second_key_waits_for_the_first() -> None:
    app = QueueApp()
    async with app.run_test() as pilot:
        await app.keys.put(events.Key("a", "a"))
        await app.keys.put(events.Key("b", "b"))
        assert app.delivered == ["a"]
        while len(app.delivered) < 2:
            await pilot.pause()
        assert app.delivered == ["a", "b"]


async def test_a_key_whose_work_does_not_end_holds_the_next_for_a_while() -> None:
    """Until so many checks have been made: as many as a second has."""
    app = QueueApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.work.is_under_way = lambda: True  # type: ignore[method-assign]
        await app.keys.put(events.Key("a", "a"))
        await app.keys.put(events.Key("b", "b"))
        for _ in range(4):
            await app.keys.check()
        assert app.delivered == ["a"]
        await app.keys.check()
        assert app.delivered == ["a", "b"]
        app.work.is_under_way = lambda: False  # type: ignore[method-assign]
        await pilot.pause()
