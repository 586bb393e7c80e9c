"""Text in every colour, on every colour, with what terminals can show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tokentui.screens.theme.contrast import LEAST_CONTRAST, ContrastFilter, contrast_ratio

COLORS = st.tuples(*[st.integers(0, 255)] * 3)
ON_DEFAULT = Color.parse("ansi_default")
TRUECOLOR, EIGHT_BIT = ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT


def as_shown(style: Style, depth: ColorSystem) -> float:
    """The contrast of what a terminal of this depth draws."""
    assert style.color is not None
    assert style.bgcolor is not None
    one, other = (color.downgrade(depth).get_truecolor() for color in (style.color, style.bgcolor))
    return contrast_ratio((one.red, one.green, one.blue), (other.red, other.green, other.blue))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ((0, 0, 0), (255, 255, 255), 21.0),
        ((255, 255, 255), (0, 0, 0), 21.0),
        ((119, 119, 119), (255, 255, 255), 4.48),  # the grey that WCAG's examples call just too light
        ((7, 7, 7), (7, 7, 7), 1.0),
    ],
)
def test_the_ratio_is_that_of_wcag(one: tuple[int, int, int], other: tuple[int, int, int], ratio: float) -> None:
    """Known pairs."""
    assert contrast_ratio(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("depth", [TRUECOLOR, EIGHT_BIT])
@pytest.mark.parametrize("reverse", [False, True])
@given(front=COLORS, back=COLORS)
def test_any_text_can_be_read(
    depth: ColorSystem, reverse: bool, front: tuple[int, int, int], back: tuple[int, int, int]
) -> None:
    """Whatever a theme asks for, in the colours that the terminal has."""
    style = Style(color=RichColor.from_rgb(*front), bgcolor=RichColor.from_rgb(*back), reverse=reverse)
    (segment,) = ContrastFilter(depth).apply([Segment("text", style)], Color(0, 0, 0))
    assert segment.style is not None
    assert as_shown(segment.style, depth) >= LEAST_CONTRAST
    assert segment.style.reverse is reverse


def test_256_colours_are_the_nearest_of_the_palette() -> None:
    """Backgrounds and borders too: what is compared is what is shown."""
    style = Style(color=RichColor.from_rgb(208, 208, 208), bgcolor=RichColor.from_rgb(18, 18, 19))
    (segment,) = ContrastFilter(EIGHT_BIT).apply([Segment("───", style)], Color(0, 0, 0))
    assert segment.style == Style(color=RichColor.from_ansi(252), bgcolor=RichColor.from_ansi(233))


def test_what_can_be_read_stays_as_it_is() -> None:
    """A theme that has no fault is not touched."""
    style = Style(color=RichColor.from_rgb(255, 255, 255), bgcolor=RichColor.from_rgb(0, 0, 90), bold=True)
    assert ContrastFilter(TRUECOLOR).apply([Segment("text", style)], Color(9, 9, 9)) == [Segment("text", style)]


def test_a_text_without_a_background_stands_on_the_widgets() -> None:
    """The background of the widget is what it is compared with."""
    style = Style(color=RichColor.from_rgb(250, 250, 250))
    (segment,) = ContrastFilter(TRUECOLOR).apply([Segment("text", style)], Color(255, 255, 255))
    assert segment.style is not None
    assert segment.style.color is not None
    red, green, blue = segment.style.color.get_truecolor()
    assert contrast_ratio((red, green, blue), (255, 255, 255)) >= LEAST_CONTRAST


@pytest.mark.parametrize("text", ["   ", "──╮", "▔▔▔", "▐▌", "  █ "])
def test_borders_and_bars_keep_their_colours(text: str) -> None:
    """Nothing is to be read in them; a border moved to text's contrast would shout."""
    segment = Segment(text, Style(color=RichColor.from_rgb(20, 20, 20), bgcolor=RichColor.from_rgb(18, 18, 18)))
    assert ContrastFilter(TRUECOLOR).apply([segment], Color(0, 0, 0)) == [segment]


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        (Style(color="red"), Style(color="red")),
        (Style(bold=True), Style(bold=True)),
        (Style(color="red", bgcolor="default"), Style(color="red", bgcolor="default")),
        (Style(color="blue", bgcolor="default"), Style(color="default", bgcolor="default")),
        (Style(color="white", bgcolor="blue"), Style(color="white", bgcolor="blue", dim=False)),
        (Style(color="white", bgcolor="yellow"), Style(color="color(0)", bgcolor="yellow", dim=False)),
        (Style(color="red", bgcolor="blue", dim=True), Style(color="color(15)", bgcolor="blue", dim=False)),
        (Style(color="default", bgcolor="cyan"), Style(color="color(0)", bgcolor="cyan", dim=False)),
        (Style(color="default", bgcolor="default", reverse=True),) * 2,
        (
            Style(color="blue", bgcolor="black", reverse=True),
            Style(color="blue", bgcolor="color(15)", reverse=True, dim=False),
        ),
    ],
)
def test_the_terminals_own_colours(style: Style, shown: Style) -> None:
    """Nobody knows what they look like exactly: only what is hard to read in most palettes is replaced."""
    (segment,) = ContrastFilter(ColorSystem.STANDARD).apply([Segment("text", style)], ON_DEFAULT)
    assert segment.style == shown
