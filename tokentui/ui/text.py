"""Text that people typed, made safe to show and cut to the cells of a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_WIDE_EMOJI = "\ufe0f"
_DRAWN_ONTO = frozenset(("Mn", "Me", "Mc", "Zl", "Zp"))
_SYMBOLS = frozenset(("So", "Sm", "Po", "Nd"))
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
# Vowels and finals of Hangul stand inside the syllable that the consonant before them opens.
_JAMO = frozenset(map(chr, (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800), 0x3164, 0xFFA0)))
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")


def safe_text(text: str, *, lines: bool = False) -> str:
    """What a person typed, with controls, escapes and marks that turn text around replaced by a visible sign.

    With `lines`, line breaks stay.
    """
    if text.isprintable():  # nearly always: no controls, marks or surrogates among printable characters
        return text
    return "".join(character if lines and character == "\n" else _safe(character) for character in text)


def cell_width(text: str) -> int:
    """How many cells of a terminal a text takes: wide characters two, combining ones none, as Textual counts them."""
    return len(text) if text.isascii() else sum(cells for _, cells in _clusters(text))


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells: cut with `…`, or filled with spaces. No character is cut in two."""
    if text.isascii():
        return text.ljust(width) if len(text) <= width else text[: max(width - 1, 0)] + "…"[:width]
    text = text.rstrip(_JOINER)  # it would swallow the space or sign after it
    clusters = list(_clusters(text))
    used = sum(cells for _, cells in clusters)
    if used <= width:
        return text + " " * (width - used)
    kept, used = [], 0
    for cluster, cells in clusters:
        if used + cells > width - 1:
            break
        kept.append(cluster)
        used += cells
    return "".join(kept) + "…"[:width] + " " * max(0, width - used - 1)


def _safe(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the pictures of control characters: ␛ for an escape
    if code == 0x7F:
        return "␡"
    if character in _BIDI or unicodedata.category(character) in ("Cc", "Cs"):
        return "\ufffd"
    return character


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """Each character with what is drawn onto it, and the cells that they take together."""
    cluster, cells, joined = "", 0, False
    for character in text:
        own = _cells(character)
        if cluster and (joined or own == 0):
            cluster += character
            if character == _WIDE_EMOJI and cells == 1 and unicodedata.category(cluster[0]) in _SYMBOLS:
                cells = 2
        else:
            if cluster:
                yield cluster, cells
            cluster, cells = character, own
        joined = character == _JOINER
    if cluster:
        yield cluster, cells


def _cells(character: str) -> int:
    category = unicodedata.category(character)
    if category in _DRAWN_ONTO or character in _JAMO or character in _SKIN_TONES:
        return 0
    if category == "Cf":  # marks of format are not seen, but for the signs of Arabic numbers and the soft hyphen
        return 1 if character == "\u00ad" or unicodedata.bidirectional(character) == "AN" else 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
