"""Every text of every place in every theme can be read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.theme import BUILTIN_THEMES

from tests.screens.conftest import settle
from tests.screens.drawn import drawn_texts, rows_with
from tests.screens.every_screen import PLACES
from tests.test_app import go
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.theme.contrast import LEAST_CONTRAST
from tokentui.screens.theme.own import ANSI_THEME, OWN_THEME

THEMES = (OWN_THEME.name, *BUILTIN_THEMES)
IN_ALL_THEMES = ("bulk preview", "statistics", "wizard, permissions")
IN_ALL_PLACES = (OWN_THEME.name, "textual-light", ANSI_THEME)

HARDLY = 3.0
"""The least contrast on a terminal's own background, whose red is 3.6 on black in xterm and better in most others."""


def too_faint(app: TokentuiApp) -> list[str]:
    """The texts on the screen that have too little contrast, with what they have."""
    return [
        f"{text.contrast:.2f} {text.text.strip()!r} #{bytes(text.front).hex()} on #{bytes(text.back).hex()}"
        for text in drawn_texts(app)
        if text.contrast < (HARDLY if text.on_default else LEAST_CONTRAST)
    ]


@pytest.mark.parametrize("place", PLACES)
async def test_every_text_in_every_theme(sample: Context, place: str) -> None:
    """The cursor's row, marks, footer keys, placeholders, what is dim or disabled, the chart's words.

    Three places in all themes, and all places in three: each widget meets each kind of theme.
    """
    faint = {}
    app = TokentuiApp(sample)
    async with app.run_test(size=(100, 30)) as pilot:
        await go(pilot, app, PLACES[place])
        for theme in THEMES if place in IN_ALL_THEMES else IN_ALL_PLACES:
            app.theme = theme
            await pilot.pause()
            if spots := too_faint(app):
                faint[theme] = sorted(set(spots))
    assert not faint


@pytest.mark.parametrize("depth", ["256color", "no-color"])
async def test_the_cursor_and_a_mark_are_seen(sample: Context, depth: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 256 colours, and without any: the cursor's row differs from the others, the chosen status too."""
    monkeypatch.delenv("COLORTERM")
    if depth == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    app = TokentuiApp(sample)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert app.theme == (ANSI_THEME if depth == "no-color" else OWN_THEME.name)
        rows = rows_with(app, "SU-")
        styles = [{str(style) for text, style, _ in row if style is not None and text.strip()} for row in rows]
    assert styles[0] not in styles[2:]


async def test_a_chosen_theme_wins(sample: Context) -> None:
    """That of the settings is taken whatever the terminal has."""
    sample.settings = replace(sample.settings, theme="nord")
    app = TokentuiApp(sample)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.theme == "nord"
