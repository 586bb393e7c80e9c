"""Every screen and state worth seeing, at 80x24 and 120x40, reached by keys alone on a frozen clock.

Look for: alignment, nothing cut off that matters, visible focus, a status that is legible without colour, no secret.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.screens.conftest import settle, wait_until
from tests.snapshots.conftest import SIZES, Pictures
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import TokenChanges
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.notice import Notice
from tokentui.tokens import create, edit

SNAPSHOTS = Path(__file__).parent / "__snapshots__"

NEXT = "pagedown"
TUTORIAL = ["home"]
WIZARD = ["n", *"Billing", NEXT]

STATES: dict[str, list[str]] = {
    # The table: counts, order, cursor, relative times; the row that is deleted is told by word and shape.
    "table": TUTORIAL,
    "table-bottom": ["G"],
    "table-sorted-by-status": ["s", "S"],
    "table-one-status": ["5"],
    "table-marks": ["space", "space", "down", "space"],
    "filter": ["slash", *"ext:zapier -status:expired"],
    "filter-no-match": ["slash", *"nothing like this"],
    "filter-malformed": ["slash", *"ext:zapier status:exprng "],
    "filter-completion": ["slash", *"status:exp", "down"],
    "table-without-preview": ["z"],
    "row-menu": [*TUTORIAL, "m"],
    "row-menu-deleted": ["5", "m"],
    "help": ["question_mark"],
    "palette": ["ctrl+p"],
    # The wizard: errors under their fields, the moment beside a date, what an extension gets.
    "wizard-general": ["n"],
    "wizard-general-error": ["n", "tab", *"E-1", "tab", *"A description"],
    "wizard-expiration": WIZARD,
    "wizard-custom": [*WIZARD, *["down"] * 5, "enter", *"2027-01-07"],
    "wizard-custom-error": [*WIZARD, *["down"] * 5, "enter", *"2026-02-30", NEXT],
    "wizard-never": [*WIZARD, *["down"] * 6],
    "wizard-extension": [*WIZARD, NEXT],
    "wizard-permissions": [*WIZARD, NEXT, NEXT],
    "wizard-permissions-none": [*WIZARD, NEXT, NEXT, NEXT],
    "wizard-permissions-all": [*WIZARD, NEXT, NEXT, "space"],
    "wizard-permissions-not-needed": [*WIZARD, NEXT, "up", NEXT],
    "wizard-permissions-some": [*WIZARD, NEXT, NEXT, "down", "enter", "down", "down", "enter", "slash", *"us"],
    "wizard-same-name": ["n", *"Tutorial Token", "tab"],
    "wizard-summary": [*WIZARD, NEXT, NEXT, "space", NEXT],
    "wizard-leave": [*WIZARD, "escape"],
    # What can be done to a token
    "edit": [*TUTORIAL, "e"],
    "edit-error": [*TUTORIAL, "e", *["backspace"] * 14, "tab"],
    "disable": [*TUTORIAL, "t"],
    "delete": [*TUTORIAL, "ctrl+d"],
    "rotate": [*TUTORIAL, "r", "2"],
    "rotated": [*TUTORIAL, "r", "2", "right", "enter"],
    "renew": [*TUTORIAL, "w"],
    "bulk-preview": ["0", "ctrl+a", "t"],
    "bulk-result": ["0", "ctrl+a", "t", "up", *"36", "enter"],
    "export": ["ctrl+s"],
    # The details
    "details": [*TUTORIAL, "enter"],
    "details-overlap": ["slash", *"partner onb", "enter", "enter"],
    "details-expired": ["3", "enter"],
    "details-disabled": ["4", "enter"],
    "details-deleted": ["5", "enter"],
    "statistics": [*TUTORIAL, "enter", "right_square_bracket", "left", "left"],
    "statistics-lines": [*TUTORIAL, "enter", "right_square_bracket", "b", "2"],
    "statistics-90-days": [*TUTORIAL, "enter", "right_square_bracket", "plus"],
    "statistics-table": [*TUTORIAL, "enter", "right_square_bracket", "T"],
    "statistics-none": ["slash", *"billing exp", "enter", "enter", "right_square_bracket"],
    "permissions": ["slash", *"nightly", "enter", "enter", *["right_square_bracket"] * 2],
    "permissions-full": [*TUTORIAL, "enter", *["right_square_bracket"] * 2],
    "history": ["slash", *"partner onb", "enter", "enter", *["right_square_bracket"] * 3],
}


@pytest.fixture(autouse=True)
def _same_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new token's ID is random; a picture of it must not be."""
    monkeypatch.setattr(create, "new_id", lambda: 299767806)


def smallest(app: TokentuiApp) -> AbstractAsyncContextManager[Pilot[None]]:
    """The app in the smallest terminal that must be comfortable."""
    return app.run_test(size=SIZES[0])


async def press(pilot: Pilot[None], names: list[str]) -> None:
    """Presses keys, each when the one before has had its effect."""
    await settle(pilot)
    for name, following in zip(names, [*names, "end"][1:], strict=True):
        await pilot.press("space" if name == " " else name)
        if len(name) > 1 or len(following) > 1 or name.isdigit():  # inside a word nothing opens
            await settle(pilot)


@pytest.mark.parametrize("state", STATES)
async def test_state(pictures: Pictures, sample: Context, state: str) -> None:
    """One state on the sample tokens."""
    async with smallest(TokentuiApp(sample)) as pilot:
        await press(pilot, STATES[state])
        await pictures(pilot)


async def test_empty(pictures: Pictures, context: Context) -> None:
    """The first start says what to press."""
    async with smallest(TokentuiApp(context)) as pilot:
        await pictures(pilot)


async def test_read_only(pictures: Pictures, sample: Context, open_as: Callable[..., Context]) -> None:
    """The title says so; the footer and the menu offer nothing that writes."""
    async with smallest(TokentuiApp(open_as(read_only=True))) as pilot:
        await press(pilot, ["m"])
        await pictures(pilot)


async def test_conflict(pictures: Pictures, sample: Context) -> None:
    """Somebody else was faster: both versions, and the way back to editing has the focus."""
    async with smallest(TokentuiApp(sample)) as pilot:
        await press(pilot, [*TUTORIAL, "e", "end", "!"])
        edit.edit_token(sample, 631646036, TokenChanges(name="Changed by Bob"))
        # The table behind hears of it by itself, and is in the picture.
        table = next(screen for screen in pilot.app.screen_stack if isinstance(screen, TokensScreen)).table
        await wait_until(pilot, lambda: any(row.name == "Changed by Bob" for row in table.visible_rows()))
        await press(pilot, ["ctrl+s"])
        await pictures(pilot)


async def test_locked(pictures: Pictures, context: Context, open_as: Callable[..., Context]) -> None:
    """A database that another process holds: the wizard keeps what was typed and says why."""
    context.vault()
    waiting = open_as(busy_timeout=timedelta(seconds=0.1))
    waiting.vault()
    async with smallest(TokentuiApp(waiting)) as pilot:
        await press(pilot, [*WIZARD, NEXT, NEXT, "space"])
        assert context.database.path is not None
        holder = sqlite3.connect(context.database.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        await press(pilot, [NEXT])
        failed = pilot.app.screen.query_one("#form-failed", Static)
        await wait_until(pilot, lambda: "locked" in str(failed.content))
        holder.close()
        await pictures(pilot)


async def test_gone(pictures: Pictures, sample: Context) -> None:
    """The database's file is not there any more: the rows stay, the reason stands over them."""
    async with smallest(TokentuiApp(sample)) as pilot:
        await settle(pilot)
        assert sample.database.path is not None
        sample.database.close()
        sample.database.path.rename(sample.database.path.with_name("moved.db"))
        await pilot.press("f5")
        await wait_until(pilot, lambda: bool(pilot.app.screen.query_one(Notice).display))
        await pictures(pilot)


@pytest.mark.parametrize("theme", ["textual-light", "gruvbox", "ansi-dark"])
async def test_themes(pictures: Pictures, sample: Context, theme: str) -> None:
    """Legible in a light one, a dark one and with the terminal's own 16 colours."""
    sample.settings = replace(sample.settings, theme=theme)
    async with smallest(TokentuiApp(sample)) as pilot:
        await press(pilot, TUTORIAL)
        await pictures(pilot, sizes=((120, 40),))


def test_no_picture_holds_a_secret() -> None:
    """40 hex digits in a row are one."""
    kept = list(SNAPSHOTS.rglob("*.svg"))
    assert kept
    for picture in kept:
        assert not re.search(r"[0-9a-f]{40}", picture.read_text(encoding="utf-8")), picture.name
