"""Which theme is taken, and that the cursor is seen with few colours; `test_every_place.py` reads all in all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.screens.conftest import settle
from tests.screens.drawn import rows_with
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


async def test_a_chosen_theme_wins(sample: Context) -> None:
    """That of the settings is taken whatever the terminal has."""
    sample.settings = replace(sample.settings, theme="nord")
    app = TokentuiApp(sample)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.theme == "nord"


async def test_the_bars_of_a_row_are_seen_in_every_theme(sample: Context) -> None:
    """On the cursor's row and on the others: 3:1, as WCAG asks of what is drawn."""
    app = TokentuiApp(sample)
    async with app.run_test(size=(150, 24)) as pilot:
        await settle(pilot)
        for theme in sorted(set(app.available_themes) - {ANSI_THEME, "ansi-light"}):
            app.theme = theme
            await settle(pilot)
            row, _, other = rows_with(app, "SU-")[:3]  # the second was never used
            for strip in (row, other):
                bars = [style for text, style, _ in strip if style is not None and set(text.strip()) & set("▁▂▃▄▅▆▇█")]
                assert bars
                for style in bars:
                    assert style.color is not None
                    assert style.bgcolor is not None
                    front, back = style.color.get_truecolor(XTERM), style.bgcolor.get_truecolor(XTERM)
                    assert contrast_ratio(tuple(front), tuple(back)) >= 3, (theme, strip is row)  # type: ignore[arg-type]
