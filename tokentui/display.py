"""The words and shapes that commands and screens share: times, status, numbers, and text that is safe to show."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, tzinfo

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


def exact(moment: datetime | None, zone: tzinfo) -> str:
    """`Tue 20 May 2025 09:53 CEST`, local; `never`."""
    if moment is None:
        return "never"
    local = moment.astimezone(zone)
    return f"{_WEEKDAYS[local.weekday()]} {day_text(moment, zone)} {local:%H:%M} {local.tzname() or ''}".rstrip()


def safe_text(text: str, *, lines: bool = False) -> str:
    """What a person typed, with controls, escapes and marks that turn text around replaced by a visible sign.

    With `lines`, line breaks stay.
    """
    return "".join(character if lines and character == "\n" else _safe(character) for character in text)


def cell_width(text: str) -> int:
    """How many cells of a terminal a text takes: wide characters two, combining ones none."""
    return sum(_cells(character) for character in text)


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells: cut with `…`, or filled with spaces."""
    if text.isascii():
        return text.ljust(width) if len(text) <= width else text[: max(width - 1, 0)] + "…"[:width]
    used = cell_width(text)
    if used <= width:
        return text + " " * (width - used)
    kept, used = [], 0
    for character in text:
        cells = _cells(character)
        if used + cells > width - 1:
            break
        kept.append(character)
        used += cells
    return "".join(kept) + "…"[:width] + " " * max(0, width - used - 1)


def _distance(seconds: float) -> str:
    if seconds < 1:
        return ""
    for limit, unit, word in (
        (90, 1, "s"),
        (90 * 60, 60, "min"),
        (36 * 3600, 3600, "h"),
        (60 * 86400, 86400, "day"),
        (730 * 86400, 30.44 * 86400, "month"),
    ):
        if seconds < limit:
            number = int(seconds // unit)
            return f"{number} {word}{'s' if word in ('day', 'month') and number != 1 else ''}"
    return f"{int(seconds // (365.25 * 86400))} years"


def _safe(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the pictures of control characters: ␛ for an escape
    if code == 0x7F:
        return "␡"
    if character in _BIDI or unicodedata.category(character) in ("Cc", "Cs"):
        return "\ufffd"
    return character


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
