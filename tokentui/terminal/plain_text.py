"""The last look at what is drawn: nothing that a terminal obeys leaves the app, whichever widget has drawn it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tokentui.ui.text import safe_text


class PlainTextFilter(LineFilter):
    """Leaves out controls, escapes and marks that turn text around, as fields have them that show what they hold.

    They take no cell. What a screen shows by itself has a visible sign in their place: `ui.text.safe_text`.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a line, with what is drawn of them."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [_plain(segment) for segment in segments]


def _plain(segment: Segment) -> Segment:
    if segment.control or segment.text.isprintable():
        return segment
    return Segment("".join(character for character in segment.text if safe_text(character) == character), segment.style)
