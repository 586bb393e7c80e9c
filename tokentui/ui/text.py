"""Text that people typed, made safe to show and cut to the cells of a terminal."""

from __future__ import annotations

import re
from typing import Any

from rich.cells import cell_len, split_graphemes

from tokentui.validation import INVISIBLE_MARKS

# Controls (C0, DEL, C1), marks that turn text around or join lines, and halves of surrogate pairs.
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{''.join(sorted(INVISIBLE_MARKS))}\ud800-\udfff]")
_UNSAFE_OR_NOT_ASCII = re.compile("[^\n -~]")
_UNSAFE_BUT_LINE_FEED = re.compile(f"(?!\n){_UNSAFE.pattern}")
_JOINER = "\u200d"
_ELLIPSIS = "…"


def safe_text(text: str, *, lines: bool = False) -> str:
    """A text for the terminal: each control, escape and mark that turns text around is replaced by a visible sign.

    With `lines`, line feeds stay.
    """
    if text.isprintable():  # nearly always: no controls, marks or surrogates among printable characters
        return text
    return (_UNSAFE_BUT_LINE_FEED if lines else _UNSAFE).sub(_sign, text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in which `escape_json` has escaped what is not safe on a terminal."""
    import json

    return escape_json(json.dumps(value, ensure_ascii=False, indent=indent))


def escape_json(text: str, *, ascii_only: bool = False) -> str:
    """A JSON text with what `safe_text` would replace written as `\\uXXXX`, which reads back as it was.

    With `ascii_only`, all that is not ASCII, for an output that lacks the characters.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    pattern = _UNSAFE_OR_NOT_ASCII if ascii_only else _UNSAFE_BUT_LINE_FEED
    return pattern.sub(lambda match: _escape_of(match[0]), text)


def escape_toml(text: str, *, ascii_only: bool = False) -> str:
    """The same for a TOML text in which every string is a basic one (TOML 1.0, "String")."""
    pattern = _UNSAFE_OR_NOT_ASCII if ascii_only else _UNSAFE_BUT_LINE_FEED
    return pattern.sub(lambda match: f"\\U{ord(match[0]):08x}", text)


def cell_width(text: str) -> int:
    """How many cells of a terminal a text takes: wide characters two, combining ones none, as Textual counts them."""
    return cell_len(text)


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells: cut with `…`, or filled with spaces. No character is cut in two."""
    if text.isascii():
        return text.ljust(width) if len(text) <= width else text[: max(width - 1, 0)] + _ELLIPSIS[:width]
    text = text.strip(_JOINER)  # with nothing to join, it would swallow what is drawn after it
    graphemes, width_used = split_graphemes(text)
    if width_used <= width:
        return text + " " * (width - width_used)
    shown, width_used = "", 0
    for _, end, cells in graphemes:
        if width_used + cells > width - 1:
            break
        shown, width_used = text[:end], width_used + cells
    return shown + _ELLIPSIS[:width] + " " * max(0, width - width_used - 1)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the pictures of control characters: ␛ for an escape
    return "␡" if code == 0x7F else "\ufffd"


def _escape_of(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
