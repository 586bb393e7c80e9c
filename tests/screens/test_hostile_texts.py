"""The app on a database in which every text that anyone may have written is an escape or markup.

`test_every_place.py` visits all places with short ones.
"""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Static

from tests.screens import conftest, hostile_texts
from tests.screens.conftest import settle
from tests.screens.every_screen import PLACES
from tests.screens.hostile_texts import HOSTILE, OBEYED, TEXTS, check, drawn, poison, unsafe_drawings
from tests.test_app import go
from tokentui.app import TokentuiApp
from tokentui.errors import Conflict
from tokentui.screens.dialogs import ChooseVersions, Confirm, MessageDialog

sample_app = conftest.sample_app
witnessed = hostile_texts.witnessed
pytestmark = pytest.mark.usefixtures("witnessed")

WITH_TEXTS = (
    "table", "row menu", "edit", "rotate", "delete", "bulk preview", "details", "permissions", "history", "audit",
    "wizard, permissions", "wizard, summary",
)  # fmt: skip
"""Places that show texts of the database, those that show the same ones in the same widgets once."""


async def test_ten_thousand_characters_are_drawn_as_text(sample_app: TokentuiApp) -> None:
    """Far longer than the program would have let a text be; in one place after the other, from the table's top."""
    poison(sample_app.context, TEXTS, 250)
    async with sample_app.run_test(size=(120, 40)) as pilot:
        for name in WITH_TEXTS:
            await go(pilot, sample_app, PLACES[name])
            check(sample_app)
            while len(sample_app.screen_stack) > 1:
                sample_app.pop_screen()
                await pilot.pause()
            await pilot.press("escape", "g")  # takes marks away


async def test_no_dialog_draws_what_a_terminal_obeys(sample_app: TokentuiApp) -> None:
    """Those that say what others have written, in titles and lines."""
    dialogs: list[Screen[Any]] = [
        ChooseVersions(Conflict(HOSTILE, HOSTILE, {"name": (HOSTILE, HOSTILE), HOSTILE: (HOSTILE, "")})),
        Confirm(HOSTILE, (HOSTILE,), confirm="Yes"),
        MessageDialog(HOSTILE, (HOSTILE,)),
    ]
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for dialog in dialogs:
            await sample_app.push_screen(dialog)
            await settle(pilot)
            assert "[red]qqx[/]" in check(sample_app)


async def test_networks_that_are_none(sample_app: TokentuiApp) -> None:
    """The row cannot be read as the program wrote it: it is shown all the same, or said to be damaged."""
    poison(sample_app.context, {"tokens": ("networks",)}, 1)
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        check(sample_app)
        await pilot.press("enter")
        await settle(pilot)
        check(sample_app)
        assert sample_app.fault is None


async def test_a_text_that_is_not_made_safe_is_noticed(sample_app: TokentuiApp) -> None:
    """The app's filter takes it out of what is drawn; the walk sees it all the same."""
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sample_app.screen.mount(Static(HOSTILE, id="forgotten", markup=False))
        await settle(pilot)
        assert not OBEYED.search(drawn(sample_app))
        assert any("forgotten" in drawing for drawing in unsafe_drawings)
    unsafe_drawings.clear()
