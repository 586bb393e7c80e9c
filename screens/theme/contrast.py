"""Text that can be read in every theme: a foreground too near its background is moved away from it.

A theme's author chose colours for their own app; here they meet on backgrounds that nobody tried, such as the cursor's
row. Instead of a correction for each theme, every line is looked at on its way to the terminal. The measure is WCAG 2's
contrast ratio, the limit its level AA for text: https://www.w3.org/TR/WCAG22/#contrast-minimum.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.filter import LineFilter, NoColor

LEAST_CONTRAST = 4.5
XTERM = TerminalTheme(
    (0, 0, 0),
    (229, 229, 229),
    [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)],
    [(127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255,) * 3],
)
"""The 16 colours of xterm (XTerm-col.ad), which most terminals are near to."""

_STEPS = 20

Triplet = tuple[int, int, int]
"""Red, green and blue, from 0 to 255."""


def contrast_ratio(one: Triplet, other: Triplet) -> float:
    """WCAG's ratio of two colours: from 1 (the same) to 21 (black and white), whichever comes first."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


class ContrastFilter(LineFilter):
    """Gives each text at least `LEAST_CONTRAST` in the colours that the terminal shows.

    `depth` is what the terminal can show. With 256 colours, each colour becomes the nearest of the palette before it is
    compared. The 16 colours are the operator's own, and only roughly known: see `_readable_in_sixteen`.
    """

    def __init__(self, depth: ColorSystem) -> None:
        super().__init__()
        self._depth = depth

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, where they hold text, in colours that can be read."""
        behind, depth = background.rich_color, self._depth
        return [
            segment
            if segment.style is None
            else Segment(
                segment.text,
                readable_style(segment.style, behind, depth, not is_decoration(segment.text)),
                segment.control,
            )
            for segment in segments
        ]


def color_filter(depth: ColorSystem | None, *, no_color: bool) -> LineFilter:
    """What lines go through for a terminal of this depth (None: no colours); `no_color` is the operator's NO_COLOR."""
    if no_color or depth is None:
        return NoColor()
    return ContrastFilter(depth)


def is_decoration(text: str) -> bool:
    """Whether nothing is to be read in a text: spaces, lines and blocks of borders, bars and scrollbars."""
    return text.isspace() or all(character == " " or "\u2500" <= character <= "\u259f" for character in text)


@lru_cache(8192)
def readable_style(style: Style, behind: RichColor, depth: ColorSystem, is_text: bool) -> Style:
    """The style in the terminal's colours; a text's foreground is moved towards white or black as far as it must be.

    `behind` stands in for a background that the style has not.
    """
    color, bgcolor = _shown(style.color, depth), _shown(style.bgcolor, depth)
    shown = style if (color, bgcolor) == (style.color, style.bgcolor) else style + Style(color=color, bgcolor=bgcolor)
    back = bgcolor or _shown(behind, depth)
    if not is_text or color is None or back is None:
        return shown
    if _is_terminals_own(color) or _is_terminals_own(back):
        return _readable_in_sixteen(shown, color, back)
    front, back = (back, color) if style.reverse else (color, back)
    if contrast_ratio(_triplet(front), _triplet(back)) >= LEAST_CONTRAST:
        return shown
    moved = _moved_away(front, back, depth)
    return style + (Style(bgcolor=moved, color=back) if style.reverse else Style(color=moved, bgcolor=back))


def _readable_in_sixteen(style: Style, color: RichColor, back: RichColor) -> Style:
    """A style of the terminal's own colours, with those replaced that can hardly be read in most palettes.

    On the default background, which may be dark or light, these are black, white and blue; on one of the 16, the
    foreground is black or white, whichever xterm's palette gives the greater contrast, and nothing is dim.
    """
    front, back = (back, color) if style.reverse else (color, back)
    if back.is_default:
        return style if style.reverse or front.number not in _ONLY_ON_SOME else style + Style(color="default")
    if front.is_default or back.triplet is not None or contrast_ratio(_triplet(front), _triplet(back)) < LEAST_CONTRAST:
        black, white = RichColor.from_ansi(0), RichColor.from_ansi(15)
        front = max((black, white), key=lambda colour: contrast_ratio(_triplet(colour), _triplet(back)))
    return style + (Style(bgcolor=front, dim=False) if style.reverse else Style(color=front, dim=False))


def _moved_away(front: RichColor, back: RichColor, depth: ColorSystem) -> RichColor:
    start, behind = _triplet(front), _triplet(back)
    end = max(((0, 0, 0), (255, 255, 255)), key=lambda corner: contrast_ratio(corner, behind))
    for step in range(1, _STEPS):
        red, green, blue = (round(a + (b - a) * step / _STEPS) for a, b in zip(start, end, strict=True))
        candidate = _in_depth(RichColor.from_rgb(red, green, blue), depth)
        if contrast_ratio(_triplet(candidate), behind) >= LEAST_CONTRAST:
            return candidate
    return _in_depth(RichColor.from_rgb(*end), depth)


def _shown(color: RichColor | None, depth: ColorSystem) -> RichColor | None:
    return None if color is None else _in_depth(color, depth)


@lru_cache(1024)
def _in_depth(color: RichColor, depth: ColorSystem) -> RichColor:
    """The colour that the terminal shows. Rich's own `downgrade` takes a grey next to the nearest one."""
    if depth is not ColorSystem.EIGHT_BIT or color.type is not ColorType.TRUECOLOR:
        return color
    wanted = _triplet(color)
    return min(_PALETTE, key=lambda colour: sum((a - b) ** 2 for a, b in zip(_triplet(colour), wanted, strict=True)))


def _is_terminals_own(color: RichColor) -> bool:
    return color.type in (ColorType.DEFAULT, ColorType.STANDARD)


@lru_cache(1024)
def _triplet(color: RichColor) -> Triplet:
    red, green, blue = color.get_truecolor(XTERM)
    return red, green, blue


_ONLY_ON_SOME = frozenset((0, 4, 7, 8, 12, 15))
"""Black, blue, white, and their bright ones: each is next to the background of some terminals."""

_PALETTE = [RichColor.from_ansi(number) for number in range(16, 256)]
"""The colours of xterm's 256 that are the same in every terminal: the first 16 are the operator's own."""


@lru_cache(1024)
def _luminance(color: Triplet) -> float:
    red, green, blue = (_linear(channel / 255) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
