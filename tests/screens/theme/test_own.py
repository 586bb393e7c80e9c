"""The program's own theme, and when it is the one that is shown."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color

from tokentui.screens.theme.own import ANSI_THEME, OWN_THEME, default_theme


def test_each_colour_is_one_of_the_256() -> None:
    """So that it looks the same where truecolor is not announced."""
    colours = {
        value
        for value in (*vars(OWN_THEME).values(), *OWN_THEME.variables.values())
        if isinstance(value, str) and value.startswith("#")
    }
    assert len(colours) > 10
    for colour in colours:
        asked = Color.parse(colour).rich_color
        assert asked.triplet in {RichColor.from_ansi(number).get_truecolor() for number in range(16, 256)}, colour


@pytest.mark.parametrize(
    ("depth", "no_color", "theme"),
    [
        (ColorSystem.TRUECOLOR, False, OWN_THEME.name),
        (ColorSystem.EIGHT_BIT, False, OWN_THEME.name),
        (ColorSystem.STANDARD, False, ANSI_THEME),
        (None, False, ANSI_THEME),
        (ColorSystem.TRUECOLOR, True, ANSI_THEME),
    ],
)
def test_the_default_follows_the_terminal(depth: ColorSystem | None, no_color: bool, theme: str) -> None:
    """256 colours and more get our own; 16, or none, get the terminal's."""
    assert default_theme(depth, no_color=no_color) == theme
