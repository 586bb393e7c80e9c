"""What holds on every screen and dialog, at one visit to each, in a database whose texts are hostile."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES

from tests.screens import conftest, hostile_texts
from tests.screens.conftest import settle
from tests.screens.drawn import too_faint
from tests.screens.every_screen import PLACES
from tests.screens.hostile_texts import TEXTS, check, poison
from tests.test_app import drag, go
from tokentui.app import TokentuiApp
from tokentui.screens.theme.own import ANSI_THEME, OWN_THEME

sample_app = conftest.sample_app
witnessed = hostile_texts.witnessed

THEMES = (OWN_THEME.name, *BUILTIN_THEMES)
IN_ALL_THEMES = ("bulk preview", "statistics", "wizard, permissions")
IN_ALL_PLACES = (OWN_THEME.name, "textual-light", ANSI_THEME)
"""Three places in all themes, and all places in three: each widget meets each kind of theme."""


ALONE = ("conflict", "bulk result")
"""Another operator's command is given what the program itself has written; the other one changes every token."""

TOGETHER = [name for name in PLACES if name not in ALONE]
GROUPS = [*([name] for name in ALONE), *(TOGETHER[group::4] for group in range(4))]


@pytest.mark.usefixtures("witnessed")
@pytest.mark.parametrize("names", GROUPS, ids=", ".join)
async def test_every_place(sample_app: TokentuiApp, names: list[str]) -> None:
    """It is reached by keys in one write, draws nothing hostile, can be read, and the mouse may be dragged over it.

    Two writes, where a text must be there before the second. In one app after the other, from the table's top.
    """
    if "conflict" not in names:
        poison(sample_app.context, TEXTS, 1)
    async with sample_app.run_test(size=(120, 40)) as pilot:
        for name in names:
            await go(pilot, sample_app, PLACES[name])
            kinds = Counter(type(screen).__name__ for screen in sample_app.screen_stack)
            assert max(kinds.values()) == 1, f"opened twice: {kinds}"
            text = check(sample_app)
            assert name != "table" or "[red]qqx[/]" in text
            await _can_be_read(pilot, sample_app, THEMES if name in IN_ALL_THEMES else IN_ALL_PLACES)
            await pilot.resize_terminal(80, 24)
            await settle(pilot)
            check(sample_app)
            await _can_be_dragged_over(pilot, sample_app)
            await _back_to_the_table(pilot, sample_app)


async def _back_to_the_table(pilot: Pilot[None], app: TokentuiApp) -> None:
    """As the app begins: no marks, no filter, the cursor on top, the first size and theme."""
    while len(app.screen_stack) > 1:
        app.pop_screen()
        await pilot.pause()
    app.theme = OWN_THEME.name
    await pilot.resize_terminal(120, 40)
    await pilot.press("escape", "escape", "g")
    await settle(pilot)


async def _can_be_read(pilot: Pilot[None], app: TokentuiApp, themes: tuple[str, ...]) -> None:
    """The cursor's row, marks, footer keys, placeholders, what is dim or disabled, the chart's words."""
    faint = {}
    for theme in themes:
        app.theme = theme
        await pilot.pause()
        if texts := too_faint(app):
            faint[theme] = sorted(set(texts))
    assert not faint


async def _can_be_dragged_over(pilot: Pilot[None], app: TokentuiApp) -> None:
    """From each line to the next ones: it selects text, or nothing."""
    for y in range(0, 24, 2):
        drag(app, (20, y), (21, y), (30, min(y + 2, 23)))
    await settle(pilot)
    assert app.fault is None
