"""What an app has drawn, as texts with the colours that its terminal gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.color import Color as RichColor
from rich.style import Style
from textual.app import App
from textual.notifications import Notification
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer

from tokentui.screens.theme.contrast import LEAST_CONTRAST, XTERM, Triplet, contrast_ratio, is_decoration

HARDLY = 3.0
"""The least contrast on a terminal's own background, whose red is 3.6 on black in xterm and better in most others."""


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A piece of a line in one style, with the colours of its text and of what it stands on."""

    text: str
    front: Triplet
    back: Triplet
    on_default: bool
    """It stands on the terminal's own background, which may be dark or light."""

    @property
    def contrast(self) -> float:
        """WCAG's ratio."""
        return contrast_ratio(self.front, self.back)


def drawn_texts(app: App[Any]) -> Iterator[DrawnText]:
    """Every text on the screen, borders and bars left out."""
    for strip in app.screen._compositor.render_strips():
        for text, style, control in strip:
            if control or is_decoration(text) or style is None:
                continue
            front = _triplet(style.color, foreground=True)
            back = _triplet(style.bgcolor, foreground=False)
            pair = (back, front) if style.reverse else (front, back)
            yield DrawnText(text, *pair, on_default=style.bgcolor is None or style.bgcolor.is_default)


def too_faint(app: App[Any]) -> list[str]:
    """The texts on the screen that have too little contrast, with what they have."""
    return [
        f"{text.contrast:.2f} {text.text.strip()!r} #{bytes(text.front).hex()} on #{bytes(text.back).hex()}"
        for text in drawn_texts(app)
        if text.contrast < (HARDLY if text.on_default else LEAST_CONTRAST)
    ]


def rows_with(app: App[Any], text: str) -> list[Strip]:
    """The lines of the screen that hold a text, with their styles."""
    return [strip for strip in app.screen._compositor.render_strips() if text in strip.text]


def plain_frame(app: App[Any]) -> str:
    """What the screen shows, with attributes, and colours but for black, which is that of most terminals anyway."""
    return "\n".join(
        "".join(f"{_plain_style(style)}{text}" for text, style, control in strip if not control)
        for strip in app.screen._compositor.render_strips()
    )


def _plain_style(style: Style | None) -> str:
    if style is None:
        return "{}"
    colours = [
        None if colour is None or colour.is_default or colour.number == 0 else colour.name
        for colour in (style.color, style.bgcolor)
    ]
    return f"{{{style.bold} {style.underline} {style.dim} {style.reverse} {colours}}}"


def toasts(app: App[Any]) -> list[Notification]:
    """What the app notifies of now."""
    return list(app._notifications)


def timers(screen: Screen[Any], seconds: float) -> list[Timer]:
    """The timers of a screen with this interval."""
    return [timer for timer in screen._timers if timer._interval == seconds]


def _triplet(color: RichColor | None, *, foreground: bool) -> Triplet:
    red, green, blue = (color or RichColor.default()).get_truecolor(XTERM, foreground=foreground)
    return red, green, blue
