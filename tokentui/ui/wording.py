"""The words and shapes that commands and screens share: times, status, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from tokentui.records import DamagedMoment, Status, TokenRecord
from tokentui.ui.text import safe_text

SHAPES = {
    Status.ACTIVE: "●",
    Status.EXPIRING: "◐",
    Status.EXPIRED: "○",
    Status.DISABLED: "◌",
    Status.DELETED: "✕",
}
"""A shape for each status, so that none is told by colour alone."""

DAMAGED = "! Damaged"
_UNREADABLE = "damaged"

NEAR = timedelta(days=100)
"""Moments nearer than this are shown as a distance, others as a date."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = (
    (90, 1, "s"),
    (90 * _MINUTE, _MINUTE, "min"),
    (36 * _HOUR, _HOUR, "h"),
    (60 * _DAY, _DAY, "days"),
    (730 * _DAY, 30.44 * _DAY, "months"),
    (float("inf"), 365.25 * _DAY, "years"),
)
"""Below so many seconds a distance is told in this unit, of so many seconds."""

_COLUMN_UNITS = ((90, 1, "s"), (90 * _MINUTE, _MINUTE, "min"), (36 * _HOUR, _HOUR, "h"), (14.5 * _DAY, _DAY, "d"))
"""The same for a column of dates; what is farther away is told as a date."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NARROW_SPACE = "\u202f"


def status_text(status: Status) -> str:
    """`◐ Expiring`."""
    return f"{SHAPES[status]} {status.value.capitalize()}"


def token_status_text(token: TokenRecord) -> str:
    """`◐ Expiring`; `! Damaged` where the token's row can't be read in full, so that no gate lets it in."""
    return DAMAGED if token.damaged else status_text(token.status)


def damage_text(damaged: Sequence[str]) -> str:
    """`damaged: expires at, name`, the fields that can't be read."""
    return f"damaged: {', '.join(field.replace('_', ' ') for field in damaged)}"


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
    """`1.8 %` of a part from 0 to 1; `0.0 %` and `100.0 %` only where nothing and everything is meant."""
    rounded = f"{part * 100:.1f}"
    if rounded == "0.0" and part > 0:
        rounded = "<0.1"
    elif rounded == "100.0" and part < 1:
        rounded = ">99.9"
    return f"{rounded}{_NARROW_SPACE}%"


def relative(moment: datetime | None, now: datetime) -> str:
    """`in 21 h`, `3 days ago`, `never`; both aware."""
    if moment is None:
        return "never"
    if isinstance(moment, DamagedMoment):
        return _UNREADABLE
    seconds = (moment - now).total_seconds()
    distance = _distance(abs(seconds))
    if not distance:
        return "now"
    return f"in {distance}" if seconds > 0 else f"{distance} ago"


def duration_text(duration: timedelta) -> str:
    """`45 s`, `15 min`; rounded to the nearest."""
    return _distance(duration.total_seconds()) or "0 s"


def near(moment: datetime | None, now: datetime, zone: tzinfo) -> str:
    """The distance where it is near, the local date where it is far: what a column of the table shows."""
    if moment is None or abs(moment - now) < NEAR:
        return relative(moment, now)
    return day_text(moment, zone)


def short_date(moment: datetime | None, now: datetime, zone: tzinfo) -> str:
    """`in 21 h`, `3 d ago`; beyond 14 days `8 Jan`, in the local time of `zone`, with the year where it is another.

    What a column of a list shows; `never` for None. At most 11 cells.
    """
    if moment is None:
        return "never"
    if isinstance(moment, DamagedMoment):
        return _UNREADABLE
    seconds = (moment - now).total_seconds()
    for limit, unit, word in _COLUMN_UNITS:
        if abs(seconds) < limit:
            number = int(abs(seconds) / unit + 0.5)
            if number == 0:
                return "now"
            return f"in {number} {word}" if seconds > 0 else f"{number} {word} ago"
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    return day_month(day) if day.year == today.year else f"{day_month(day)} {day.year}"


def day_text(moment: datetime, zone: tzinfo) -> str:
    """`19 May 2025`, local."""
    if isinstance(moment, DamagedMoment):
        return _UNREADABLE
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


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
    if isinstance(moment, DamagedMoment):
        return _UNREADABLE
    local = moment.astimezone(zone)
    return f"{_WEEKDAYS[local.weekday()]} {day_text(moment, zone)} {local:%H:%M} {local.tzname() or ''}".rstrip()


def minute_text(moment: datetime | None, zone: tzinfo) -> str:
    """`20 May 2025 09:53`, local; `never`."""
    if moment is None:
        return "never"
    if isinstance(moment, DamagedMoment):
        return _UNREADABLE
    return f"{day_text(moment, zone)} {moment.astimezone(zone):%H:%M}"


def short_minute(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """`20 May 09:53`, local, and `20 May 2024` of another year: at most 12 cells."""
    if isinstance(moment, DamagedMoment):
        return _UNREADABLE
    local = moment.astimezone(zone)
    same_year = local.year == now.astimezone(zone).year
    return f"{day_month(local.date())} {local:%H:%M}" if same_year else day_text(moment, zone)


def _distance(seconds: float) -> str:
    """Whole units, rounded to the nearest."""
    if seconds < 0.5:
        return ""
    unit, word = next((unit, word) for limit, unit, word in _UNITS if seconds < limit)
    return f"{int(seconds / unit + 0.5)} {word}"


def same_name_text(other: TokenRecord) -> str:
    """The warning that another token has the same name already."""
    return f"{other.label} is named {safe_text(other.name)} too"
