"""Every screen and state worth seeing, at 80x24, 120x40 and 180x50, reached by keys alone on a frozen clock.

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
from textual.widgets import Input, Static, TextArea

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
CLEAR = "ctrl+u"
"""Takes out what an input holds before its cursor."""

STATISTICS = "right_square_bracket"

WALKS: dict[str, list[tuple[str, list[str]]]] = {
    # Each walk starts the app once; each step presses keys and takes a picture of the state that they lead to.
    "table": [  # counts, order, cursor, relative times
        ("table", TUTORIAL),
        ("row-menu", ["m"]),
        ("disable", ["escape", "t"]),
        ("delete", ["escape", "ctrl+d"]),
        ("renew", ["escape", "w"]),
        ("rotate", ["escape", "r", "2"]),
        ("rotated", ["right", "enter"]),
    ],
    "everywhere": [
        ("palette", [*TUTORIAL, "ctrl+p"]),
        ("help", ["escape", "question_mark"]),
        ("export", ["escape", "ctrl+s"]),
    ],
    "order": [
        ("table-bottom", ["G"]),
        ("table-without-preview", ["z"]),  # pressed at 180 columns, where the state before ended
        ("table-sorted", ["s", "S"]),
    ],
    "filter": [
        ("filter", ["slash", *"ext:zapier -status:expired"]),
        ("filter-no-match", [CLEAR, *"nothing like this"]),
        ("filter-malformed", [CLEAR, *"ext:zapier status:exprng "]),
        ("filter-completion", [CLEAR, *"status:exp", "down"]),
    ],
    "marks": [
        ("table-marks", ["space", "space", "down", "space"]),
        ("bulk-preview", ["0", "ctrl+a", "t"]),
        ("bulk-delete", ["escape", "ctrl+d"]),
        ("bulk-rotate", ["escape", "r"]),
        ("bulk-renew", ["escape", "w"]),
        ("bulk-result", ["escape", "t", "up", *"36", "enter"]),
    ],
    "edit": [
        ("edit", [*TUTORIAL, "e"]),
        ("edit-error", [CLEAR, "tab"]),
        ("edit-leave", ["escape"]),
    ],
    # The wizard: errors under their fields, the moment beside a date, what an extension gets.
    "wizard": [
        ("wizard-general", ["n"]),
        ("wizard-expiration", [*"Billing", NEXT]),
        ("wizard-extension", [NEXT]),
        ("wizard-permissions", [NEXT]),
        ("wizard-permissions-none", [NEXT]),
        ("wizard-permissions-all", ["shift+tab", "space"]),
        ("wizard-summary", [NEXT]),
    ],
    "wizard-general": [
        ("wizard-general-error", ["n", "tab", *"E-1", "tab", "tab", *"A description"]),
        ("wizard-same-name", [*["shift+tab"] * 3, *"Tutorial Token", "tab"]),
        ("wizard-leave", ["escape"]),
    ],
    "wizard-expiration": [
        ("wizard-custom", ["n", "B", NEXT, *["down"] * 5, "enter", *"2027-01-07"]),
        ("wizard-custom-error", [CLEAR, *"2026-02-30", NEXT]),
        ("wizard-never", [CLEAR, "shift+tab", "down"]),
        ("wizard-permissions-not-needed", [NEXT, "up", NEXT]),
    ],
    "wizard-permissions": [
        ("wizard-permissions-some", [
            "n", "B", NEXT, NEXT, NEXT, "down", "enter", "down", "down", "enter", "slash", *"us",
        ]),
    ],
    # The details
    "details": [
        ("details", [*TUTORIAL, "enter"]),
        ("statistics", [STATISTICS, "left", "left"]),
        ("statistics-table", ["T"]),
        ("statistics-90-days", ["T", "plus"]),
        ("statistics-lines", ["minus", "b", "2"]),
        ("permissions-full", ["right_square_bracket"]),
    ],
    "details-overlap": [
        ("details-overlap", ["slash", *"partner onb", "enter", "enter"]),
        ("stop-old", ["full_stop"]),
        ("history", ["escape", *["right_square_bracket"] * 3]),
    ],
    "audit": [
        ("audit", ["a"]),
        ("audit-filter", ["slash", *"actor:alice since:yesterday", "enter"]),
    ],
    "details-by-status": [
        ("details-expired", ["3", "enter"]),
        ("details-disabled", ["escape", "4", "enter"]),
        ("table-one-status", ["escape", "5"]),
        ("row-menu-deleted", ["m"]),
        ("details-deleted", ["escape", "enter"]),
    ],
    "permissions": [
        ("permissions", ["slash", *"nightly", "enter", "enter", *["right_square_bracket"] * 2]),
    ],
    "statistics-none": [
        ("statistics-none", ["slash", *"billing exp", "enter", "enter", STATISTICS]),
    ],
}  # fmt: skip

FIVE: list[tuple[str, list[str]]] = [
    ("table", TUTORIAL),
    ("row-menu", ["m"]),
    ("details", ["escape", "enter"]),
    ("statistics", [STATISTICS, "left", "left"]),
    ("wizard", ["escape", "n", "B", "tab"]),
]
"""The main five, for a look at them in other colours."""


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
        # Inside a word that is typed nothing opens; the word before a colon is looked for until that is typed.
        is_typed = isinstance(pilot.app.focused, (Input, TextArea))
        if not is_typed or len(name) > 1 or len(following) > 1 or name.isdigit() or following == ":":
            await settle(pilot)


@pytest.mark.parametrize("walk", WALKS)
async def test_walk(pictures: Pictures, sample: Context, walk: str) -> None:
    """On the sample tokens, from one state to the next."""
    async with smallest(TokentuiApp(sample)) as pilot:
        for state, keys in WALKS[walk]:
            await press(pilot, keys)
            await pictures(pilot, state)


async def test_empty(pictures: Pictures, context: Context) -> None:
    """The first start says what to press."""
    async with smallest(TokentuiApp(context)) as pilot:
        await pictures(pilot, "empty")


async def test_read_only(pictures: Pictures, sample: Context, open_as: Callable[..., Context]) -> None:
    """The title says so; the footer and the menu offer nothing that writes."""
    async with smallest(TokentuiApp(open_as(read_only=True))) as pilot:
        await press(pilot, ["m"])
        await pictures(pilot, "read-only")


async def test_conflict(pictures: Pictures, sample: Context) -> None:
    """Somebody else was faster: both versions, and the way back to editing has the focus."""
    async with smallest(TokentuiApp(sample)) as pilot:
        await press(pilot, [*TUTORIAL, "e", "end", "!"])
        edit.edit_token(sample, 631646036, TokenChanges(name="Changed by Bob"))
        # The table behind hears of it by itself, and is in the picture.
        table = next(screen for screen in pilot.app.screen_stack if isinstance(screen, TokensScreen)).table
        await wait_until(pilot, lambda: any(row.name == "Changed by Bob" for row in table.visible_rows()))
        await press(pilot, ["ctrl+s"])
        await pictures(pilot, "conflict")


async def test_locked(pictures: Pictures, context: Context, open_as: Callable[..., Context]) -> None:
    """A database that another process holds: the wizard keeps what was typed and says why."""
    context.vault()
    waiting = open_as(busy_timeout=timedelta(seconds=0.1))
    waiting.vault()
    async with smallest(TokentuiApp(waiting)) as pilot:
        await press(pilot, ["n", "B", NEXT, NEXT, NEXT, "space"])
        assert context.database.path is not None
        holder = sqlite3.connect(context.database.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        await press(pilot, [NEXT])
        failed = pilot.app.screen.query_one("#form-failed", Static)
        await wait_until(pilot, lambda: "locked" in str(failed.content))
        holder.close()
        await pictures(pilot, "locked")


async def test_gone(pictures: Pictures, sample: Context) -> None:
    """The database's file is not there any more: the rows stay, the reason stands over them."""
    async with TokentuiApp(sample).run_test(size=SIZES[-1]) as pilot:  # a wider one than it was would be read for anew
        await settle(pilot)
        assert sample.database.path is not None
        sample.database.close()
        sample.database.path.rename(sample.database.path.with_name("moved.db"))
        notice = pilot.app.screen.query_one(Notice)
        await wait_until(pilot, lambda: "not there any more" in str(notice.content))
        await pictures(pilot, "gone")


@pytest.mark.parametrize(
    ("theme", "colours"), [("textual-light", "truecolor"), ("gruvbox", "256"), ("ansi-dark", "16")]
)
async def test_colours(
    pictures: Pictures, sample: Context, monkeypatch: pytest.MonkeyPatch, theme: str, colours: str
) -> None:
    """Legible in a light theme, in the 256 colours that come over SSH, and in the terminal's own 16."""
    monkeypatch.setenv("COLORTERM", "truecolor" if colours == "truecolor" else "")
    monkeypatch.setenv("TERM", {"256": "xterm-256color", "16": "xterm-16color"}.get(colours, "xterm"))
    sample.settings = replace(sample.settings, theme=theme)
    async with TokentuiApp(sample).run_test(size=(120, 40)) as pilot:
        for state, keys in FIVE:
            await press(pilot, keys)
            await pictures(pilot, state, sizes=((120, 40),))


def test_no_picture_holds_a_secret() -> None:
    """40 hex digits in a row are one."""
    kept = list(SNAPSHOTS.rglob("*.svg"))
    assert kept
    for picture in kept:
        assert not re.search(r"[0-9a-f]{40}", picture.read_text(encoding="utf-8")), picture.name
