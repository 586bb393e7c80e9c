"""The words and shapes that commands and screens share: times, status, numbers, and text that is safe to show."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from tokentui.records import Status, TokenRecord

SHAPES = {
    Status.ACTIVE: "●",
    Status.EXPIRING: "◐",
    Status.EXPIRED: "○",
    Status.DISABLED: "◌",
    Status.DELETED: "✕",
}
"""A shape for each status, so that none is told by colour alone."""

NEAR = timedelta(days=100)
"""Moments nearer than this are shown as a distance, others as a date."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_JOINER = "\u200d"
_WIDE_EMOJI = "\ufe0f"
_DRAWN_ONTO = frozenset(("Mn", "Me", "Mc", "Zl", "Zp"))
_SYMBOLS = frozenset(("So", "Sm", "Po", "Nd"))
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
# Vowels and finals of Hangul stand inside the syllable that the consonant before them opens.
_JAMO = frozenset(map(chr, (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800), 0x3164, 0xFFA0)))
_NARROW_SPACE = "\u202f"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")


def status_text(status: Status) -> str:
    """`◐ Expiring`."""
    return f"{SHAPES[status]} {status.value.capitalize()}"


def permissions_text(token: TokenRecord) -> str:
    """`Full`, or how many modules."""
    if token.all_modules:
        return "Full"
    return "1 module" if len(token.modules) == 1 else f"{len(token.modules)} modules"


def extension_text(token: TokenRecord) -> str:
    """`Custom EXT-000`."""
    return f"{token.extension_name} {token.extension_code}".strip()


def thousands(number: int) -> str:
    """`18 204`, with a narrow space that does not break."""
    return f"{number:,}".replace(",", _NARROW_SPACE)


def percent(part: float) -> str:
    """`1.8 %` of a part from 0 to 1."""
    return f"{part * 100:.1f}{_NARROW_SPACE}%"


def relative(moment: datetime | None, now: datetime) -> str:
    """`in 21 h`, `3 days ago`, `never`; both aware."""
    if moment is None:
        return "never"
    seconds = (moment - now).total_seconds()
    distance = _distance(abs(seconds))
    if not distance:
        return "now"
    return f"in {distance}" if seconds > 0 else f"{distance} ago"


def near(moment: datetime | None, now: datetime, zone: tzinfo) -> str:
    """The distance where it is near, the local date where it is far: what a column of the table shows."""
    if moment is None or abs(moment - now) < NEAR:
        return relative(moment, now)
    return day_text(moment, zone)


def day_text(moment: datetime, zone: tzinfo) -> str:
    """`19 May 2025`, local."""
    local = moment.astimezone(zone)
    return f"{local.day:02d} {_MONTHS[local.month - 1]} {local.year}"


def day_month(day: date) -> str:
    """`26 Oct`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def weekday_text(day: date) -> str:
    """`Mon 16 Nov 2026`."""
    return f"{_WEEKDAYS[day.weekday()]} {day_month(day)} {day.year}"


def exact(moment: datetime | None, zone: tzinfo) -> str:
    """`Tue 20 May 2025 09:53 CEST`, local; `never`."""
    if moment is None:
        return "never"
    local = moment.astimezone(zone)
    return f"{_WEEKDAYS[local.weekday()]} {day_text(moment, zone)} {local:%H:%M} {local.tzname() or ''}".rstrip()


def minute_text(moment: datetime | None, zone: tzinfo) -> str:
    """`20 May 2025 09:53`, local; `never`."""
    return "never" if moment is None else f"{day_text(moment, zone)} {moment.astimezone(zone):%H:%M}"


def changes_text(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """`name: Old → New, status: active → disabled`, of an audit entry; safe to show."""
    return ", ".join(
        f"{name.replace('_', ' ')}: {_change(old)} → {_change(new)}"
        for name, (old, new) in changes.items()
        if old != new
    )


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


def _distance(seconds: float) -> str:
    """Whole units, rounded down, so that no time is promised that is not there; months and years to the nearest."""
    if seconds < 1:
        return ""
    days = seconds / 86400
    if days >= 730:
        return f"{round(days / 365.25)} years"
    if days >= 60:
        return f"{round(days / 30.44)} months"
    for limit, unit, word in ((90, 1, "s"), (90 * 60, 60, "min"), (36 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    return "1 day" if days < 2 else f"{int(days)} days"


def _change(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "—"
    return safe_text(" ".join(map(str, value)) if isinstance(value, list) else str(value))


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
