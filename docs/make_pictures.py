"""Makes README's pictures out of the program, from its sample data: `make pictures`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from tokentui import demo
from tokentui.app import TokentuiApp
from tokentui.bootstrap import open_context
from tokentui.context import Actor, Context
from tokentui.settings import load

HERE = Path(__file__).parent / "pictures"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PICTURES = {
    "tokens": ["down"] * 7,
    "wizard": ["n", *"Billing export", "pagedown", "down", "down"],
    "statistics": [*["down"] * 7, "enter", "right_square_bracket", "left", "left"],
}


async def settle(pilot: Pilot[None]) -> None:
    """Until nothing is being read."""
    await pilot.pause()
    while any(worker.group.startswith("read") for worker in pilot.app.workers):
        await pilot.pause(0.05)
    await pilot.pause(0.2)


async def take(context: Context, name: str, keys: list[str]) -> None:
    """One picture."""
    app = TokentuiApp(context)
    async with app.run_test(size=(120, 32)) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="tokentui"), encoding="utf-8")


def main() -> None:
    """All of them, each on the same throwaway database."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TZ"] = "Europe/Berlin"
        environ = {"HOME": home, "TOKENTUI_HOME": home}
        context = open_context(load(environ), environ=environ)
        context.clock = lambda: NOW
        context.actor = Actor("alice", "10.0.0.5")
        demo.build(context)
        HERE.mkdir(exist_ok=True)
        for name, keys in PICTURES.items():
            asyncio.run(take(context, name, keys))
        context.close()


if __name__ == "__main__":
    main()
