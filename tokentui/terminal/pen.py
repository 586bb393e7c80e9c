"""How a cell looks, as a terminal is told of it, and the shortest way from one look to another (ECMA-48, 8.3.117)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.style import Style

_ATTRIBUTES = (
    ("bold", 1, 22),
    ("dim", 2, 22),
    ("italic", 3, 23),
    ("underline", 4, 24),
    ("blink", 5, 25),
    ("blink2", 6, 25),
    ("reverse", 7, 27),
    ("conceal", 8, 28),
    ("strike", 9, 29),
    ("underline2", 21, 24),
    ("frame", 51, 54),
    ("encircle", 52, 54),
    ("overline", 53, 55),
)
"""Rich's name of each attribute, and what switches it on and off: one may switch two off."""

_OFF = {on: off for _, on, off in _ATTRIBUTES}
_REVERSE = 7
_SEEN_ON_SPACES = frozenset((4, _REVERSE, 9, 21, 51, 52, 53))
_SEEN_REVERSED = _SEEN_ON_SPACES | {1, 2}
"""A space in reverse shows its foreground, which bold and dim change on many terminals."""

RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """Made by `pen_of` alone, once for each look: two that are equal are the same object.

    `blank` is the pen that draws the same space: a space shows its background and lines, no foreground.
    """

    attributes: frozenset[int]
    foreground: tuple[str, ...]
    background: tuple[str, ...]
    link: str
    _blank: Pen | None = None

    @property
    def blank(self) -> Pen:
        """What this one looks like on a space."""
        return self if self._blank is None else self._blank


_pens: dict[tuple[frozenset[int], tuple[str, ...], tuple[str, ...], str], Pen] = {}
_MOST_PENS = 4096


def _pen(attributes: frozenset[int], foreground: tuple[str, ...], background: tuple[str, ...], link: str) -> Pen:
    key = (attributes, foreground, background, link)
    pen = _pens.get(key)
    if pen is None:
        lines = attributes & (_SEEN_REVERSED if _REVERSE in attributes else _SEEN_ON_SPACES)
        shown = ("39",) if not lines else foreground
        is_blank = attributes == lines and foreground == shown
        pen = Pen(*key, None if is_blank else _pen(lines, shown, background, link))
        if len(_pens) < _MOST_PENS:  # beyond, equal ones are drawn again without need
            _pens[key] = pen
    return pen


PLAIN = _pen(frozenset(), ("39",), ("49",), "")
"""The terminal's own colours and no attribute, as after `RESET`."""


@lru_cache(4096)
def pen_of(style: Style | None, depth: ColorSystem | None) -> Pen:
    """The pen of a style on a terminal of so many colours; one of none, `None`, shows no attributes either."""
    if style is None or depth is None:
        return PLAIN
    attributes = frozenset(on for name, on, _ in _ATTRIBUTES if getattr(style, name))
    front, back = (_codes(style.color, depth, True), _codes(style.bgcolor, depth, False))
    return _pen(attributes, front, back, style.link or "")


def _codes(color: Color | None, depth: ColorSystem, foreground: bool) -> tuple[str, ...]:
    if color is None:
        return ("39",) if foreground else ("49",)
    return color.downgrade(depth).get_ansi_codes(foreground)


@lru_cache(8192)
def change(before: Pen, after: Pen) -> str:
    """What takes a terminal from one pen to the other."""
    if before is after:
        return ""
    gone = before.attributes - after.attributes
    codes = sorted({_OFF[on] for on in gone})
    kept = frozenset(on for on in before.attributes & after.attributes if _OFF[on] not in codes)
    parts = [str(code) for code in (*codes, *sorted(after.attributes - kept))]
    if before.foreground != after.foreground:
        parts += after.foreground
    if before.background != after.background:
        parts += after.background
    sequence = f"\x1b[{';'.join(parts)}m" if parts else ""
    if before.link != after.link:
        sequence += f"\x1b]8;;{after.link}\x1b\\"
    return sequence


@lru_cache(8192)
def on_space(before: Pen, space: Pen) -> Pen:
    """The pen with which a terminal is left that draws a space: the foreground of before, where it is not seen."""
    if space.attributes or before.attributes & _SEEN_ON_SPACES or before.link != space.link:
        return space
    return _pen(before.attributes, before.foreground, space.background, before.link)
