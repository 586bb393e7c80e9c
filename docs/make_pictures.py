"""Makes README's pictures out of the program, from its sample data: `make pictures`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from tokentui import demo
from tokentui.app import TokentuiApp
from tokentui.bootstrap import open_context
from tokentui.context import Actor, Context
from tokentui.operations import master_key_backup
from tokentui.screens.tokens.preview import Preview
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.settings import load

HERE = Path(__file__).parent / "pictures"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """The keys that lead to it, on a screen of this size, in this theme (None: the program's own)."""

    keys: list[str]
    size: tuple[int, int] = (120, 32)
    theme: str | None = None


PICTURES = {
    "tokens": Picture(["down"] * 7),
    "tokens-wide": Picture(["down"] * 7, size=(180, 40)),
    "wizard": Picture(
        [
            *["n", *"Nightly upload", *["pagedown"] * 3],
            *["slash", *"usage", "enter", "space", "slash", "ctrl+u"],
            *["slash", *"products", "enter", "space", "slash", "ctrl+u"],
        ]
    ),
    "statistics": Picture(
        ["slash", *"nightly", "enter", "enter", "right_square_bracket", *["left"] * 12], size=(120, 40)
    ),
    "bulk": Picture(["slash", *"unused:>30d", "enter", "ctrl+a", "t"]),
    "light": Picture(["slash", *"nightly", "enter", "enter"], theme="textual-light"),
}


async def settle(pilot: Pilot[None]) -> None:
    """Until nothing is being read and the preview, where there is one, is about the token under the cursor."""
    await pilot.pause()
    while any(worker.group.startswith("read") for worker in pilot.app.workers) or not all(map(is_drawn, tables(pilot))):
        await pilot.pause(0.05)
    await pilot.pause(0.2)


def tables(pilot: Pilot[None]) -> list[TokensScreen]:
    """The screen of tokens, which may lie under others."""
    return [screen for screen in pilot.app.screen_stack if isinstance(screen, TokensScreen)]


def is_drawn(screen: TokensScreen) -> bool:
    """Whether its preview is hidden or about the token under the cursor."""
    pane = screen.query_one(Preview)
    return not pane.display or (pane.shown is not None and pane.shown.token.id == screen.table.token_id)


async def take(context: Context, name: str, picture: Picture) -> None:
    """One picture."""
    context.settings = replace(context.settings, theme=picture.theme)
    app = TokentuiApp(context)
    async with app.run_test(size=picture.size) as pilot:
        await settle(pilot)
        for key, following in zip(picture.keys, [*picture.keys[1:], "end"], strict=True):
            await pilot.press("space" if key == " " else key)
            if len(key) > 1 or len(following) > 1:  # inside a word nothing opens
                await settle(pilot)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="tokentui"), encoding="utf-8")


def main() -> None:
    """All of them, each on the same throwaway database."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TZ": "Europe/Berlin", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.environ.pop("NO_COLOR", None)
        environ = {"HOME": home, "TOKENTUI_HOME": home}
        context = open_context(load(environ), environ=environ)
        context.clock = lambda: NOW
        context.actor = Actor("alice", "10.0.0.5")
        demo.build(context)
        master_key_backup.backup(context, None)  # as its operator has done: else the title reminds of it
        HERE.mkdir(exist_ok=True)
        for name, picture in PICTURES.items():
            asyncio.run(take(context, name, picture))
        context.close()


if __name__ == "__main__":
    main()
