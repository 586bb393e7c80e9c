"""Text with the names of styles; who shows it chooses the colours."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from tokentui.ui.text import cell_width


class Style(StrEnum):
    """What a piece of text means."""

    SUCCESS = "success"
    REDIRECTION = "redirection"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    AXIS = "axis"
    MUTED = "muted"
    TEXT = "text"
    STRONG = "strong"


CLASS_STYLES = (Style.SUCCESS, Style.REDIRECTION, Style.CLIENT_ERROR, Style.SERVER_ERROR)
"""The styles of 2xx, 3xx, 4xx, 5xx."""


class Span(NamedTuple):
    """Text of one style. `lit` is True for what stands under the cursor."""

    text: str
    style: Style = Style.TEXT
    lit: bool = False


Line = tuple[Span, ...]


def plain(line: Iterable[Span]) -> str:
    """The lines without their colours."""
    return "".join(span.text for span in line)


def width_of(line: Iterable[Span]) -> int:
    """The cells that a line takes."""
    return sum(cell_width(span.text) for span in line)
