"""Which theme is taken, and that the cursor is seen with few colours; `test_every_place.py` reads all in all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.strip import Strip
from textual.widgets import Input

from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import plain_frame, rows_with, too_faint
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.theme.contrast import XTERM, contrast_ratio
from tokentui.screens.theme.own import ANSI_THEME, OWN_THEME


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


_WALKS = {
    "table": ("j", "j"),
    "menu": ("m", "down", "down"),
    "palette": ("ctrl+p", "down", "down"),
    "confirm": ("ctrl+d", "right"),
    "rotate": ("r", "tab", "tab", "down", "tab", "tab"),
    "export": ("ctrl+s", "tab", "tab"),
    "wizard": ("n", "tab", "tab", "tab", "tab", "tab"),
    "expiration": ("n", *"Billing", "pagedown", "down", "tab", "tab", "tab"),
    "modules": ("n", *"Billing", "pagedown", "pagedown", "pagedown", "down", "space", "down", "tab", "tab", "tab"),
    "filter": ("slash", "n", "down"),
}


@pytest.mark.parametrize("terminal", ["xterm-16color", "no-color"])
async def test_with_few_colours_each_key_shows_where_one_is(
    sample: Context, terminal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By more than a black background, which most terminals have anyway: no two frames of a walk look the same."""
    monkeypatch.delenv("COLORTERM")
    if terminal == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.setenv("TERM", terminal)
    app = TokentuiApp(sample)
    async with app.run_test(size=(80, 30)) as pilot:
        await settle(pilot)
        assert app.theme == ANSI_THEME
        for name, keys in _WALKS.items():
            frames: dict[str, int] = {}
            for number, key in enumerate(keys):
                await pilot.press(key)
                await settle(pilot)
                for field in app.screen.query(Input):
                    field.cursor_blink = False
                await pilot.pause()
                frame = plain_frame(app)
                assert frame not in frames, f"{name}: after {keys[: number + 1]} as after {keys[: frames[frame] + 1]}"
                frames[frame] = number
            while len(app.screen_stack) > 1:
                app.pop_screen()
                await pilot.pause()


async def test_an_error_is_seen_without_colours(sample: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a field and under the filter: bold, as nothing else is there."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = TokentuiApp(sample)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"status:aktive", "space")
        await settle(pilot)
        assert _bold_texts(app, "there is no such status")
        await pilot.press("escape", "n", "tab")
        await settle(pilot)
        assert _bold_texts(app, "a name is needed")


def _bold_texts(app: TokentuiApp, text: str) -> bool:
    return any(
        text in part and style is not None and style.bold for row in rows_with(app, text) for part, style, _ in row
    )


async def test_a_chosen_theme_wins(sample: Context) -> None:
    """That of the settings is taken whatever the terminal has."""
    sample.settings = replace(sample.settings, theme="nord")
    app = TokentuiApp(sample)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.theme == "nord"


async def test_marks_and_bars_are_seen_in_every_theme(sample: Context) -> None:
    """Marks, the cursor's row and all other text of the table; its bars and those of the chart.

    3:1 for bars, as WCAG asks of what is drawn.
    """
    app = TokentuiApp(sample)
    with_own_colours = sorted(set(app.available_themes) - {ANSI_THEME, "ansi-light"})
    async with app.run_test(size=(150, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "space", "space", "home")
        for theme in app.available_themes:
            app.theme = theme
            await settle(pilot)
            assert too_faint(app) == [], theme
            if theme in with_own_colours:
                row, _, other = rows_with(app, "SU-")[:3]  # the second was never used
                assert bars_contrast(row) >= 3, theme
                assert bars_contrast(other) >= 3, theme
        await pilot.press("enter", "right_square_bracket")
        await wait_until(pilot, lambda: bool(rows_with(app, "(today)")))
        await settle(pilot)
        for theme in with_own_colours:
            app.theme = theme
            await settle(pilot)
            assert 3 <= min(map(bars_contrast, rows_with(app, "│"))) < 21, theme


def bars_contrast(strip: Strip) -> float:
    """The least contrast of a bar of the line with what it stands on; 21, the most that there is, without one."""
    contrasts = [21.0]
    for text, style, _ in strip:
        if style is not None and set(text.strip()) & set("▁▂▃▄▅▆▇█"):
            assert style.color is not None
            assert style.bgcolor is not None
            front, back = style.color.get_truecolor(XTERM), style.bgcolor.get_truecolor(XTERM)
            contrasts.append(contrast_ratio(tuple(front), tuple(back)))  # type: ignore[arg-type]
    return min(contrasts)
