"""What a valid value is. Standard library only; every refusal is one `ValidationError` that names its field.

Public: any program may check with it what it wants to store.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

NAME_LENGTH = 128
EXTERNAL_ID_LENGTH = 128
DESCRIPTION_LENGTH = 255
OWNER_LENGTH = 128

_ID = re.compile(r"SU-([0-9]{3})-([0-9]{3})-([0-9]{3})", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z0-9_+=.][A-Za-z0-9_+=.&'*/~-]*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_DURATION = re.compile(r"\+?([0-9]{1,9})([smhdwy])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS_A_YEAR = 365
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)
INVISIBLE_MARKS = frozenset(
    "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks that turn the order of text around or join lines: two names could look alike (Unicode TR 36, 2.5)."""


class ValidationError(ValueError):
    """`field` names what is wrong (`name`, `expires`, …), `message` says it in one line."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def token_id(text: str) -> int:
    """`SU-631-646-036`, in any case → `631646036`."""
    match = _ID.fullmatch(text.strip())
    if match is None:
        raise ValidationError("id", "an ID looks like SU-631-646-036")
    return int("".join(match.groups()))


def name(text: str) -> str:
    """1 to 128 characters on one line, trimmed, in NFC: what looks the same is the same (UAX 15)."""
    text = unicodedata.normalize("NFC", _line("name", text))
    # Joiners and spaces without width (Cf) alone would be a row that nobody sees or tells from the next.
    if all(unicodedata.category(character) in ("Cf", "Zs") for character in text):
        raise ValidationError("name", "a name is needed")
    return _at_most("name", text, NAME_LENGTH)


def external_id(text: str | None) -> str | None:
    """At most 128 characters on one line, trimmed; nothing is None."""
    text = _line("external ID", text or "", field="external_id")
    return _at_most("external ID", text, EXTERNAL_ID_LENGTH, field="external_id") or None


def description(text: str | None) -> str:
    """At most 255 characters, line breaks allowed; trailing space goes."""
    text = (text or "").replace("\r\n", "\n").rstrip()
    _plain("description", text.replace("\n", ""), field="description")
    return _at_most("description", text, DESCRIPTION_LENGTH)


def owner(text: str | None) -> str:
    """Who answers for a token: a name, team or address, at most 128 characters on one line, trimmed, in NFC."""
    return _at_most("owner", unicodedata.normalize("NFC", _line("owner", text or "")), OWNER_LENGTH)


def modules(chosen: Iterable[str], *, known: Collection[str], all_modules: bool = False) -> tuple[str, ...]:
    """A permission: all modules, or at least one known slug → the slugs, sorted, once each (empty for all)."""
    slugs = sorted(set(chosen))
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        raise ValidationError("modules", f"there is no module {_shown(unknown[0])}: see `tokentui catalog show`")
    if all_modules and slugs:
        raise ValidationError("modules", "choose all modules or some, not both")
    if not all_modules and not slugs:
        raise ValidationError("modules", "choose at least one module, or all")
    return tuple(slugs)


def extension(slug: str, *, known: Collection[str]) -> str:
    """Checks that an extension of this slug is among the `known` ones, and returns the slug."""
    if slug not in known:
        raise ValidationError("extension", f"there is no extension {_shown(slug)}: choose {', '.join(sorted(known))}")
    return slug


def networks(texts: Iterable[str]) -> tuple[str, ...]:
    """IPv4 and IPv6 networks in CIDR notation, or single addresses → canonical, once each, in order."""
    canonical: dict[str, None] = {}
    for text in texts:
        try:
            canonical[str(ipaddress.ip_network(text.strip(), strict=False))] = None
        except ValueError:
            message = f"{_shown(text)} is not a network such as 203.0.113.0/24"
            raise ValidationError("networks", message) from None
    return tuple(canonical)


def address(text: str, *, field: str = "ip") -> str:
    """One IPv4 or IPv6 address → canonical."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise ValidationError(field, f"{_shown(text)} is not an address such as 203.0.113.9") from None


def mail_address(text: str, *, field: str = "address") -> str:
    """One address such as `ops@example.com`, of ASCII and without quotes: safe in a header and as an argument."""
    if len(text) > 254 or not _ADDRESS.fullmatch(text):  # RFC 5321, section 4.5.3.1.3
        raise ValidationError(field, f"{_shown(text)} is not an address such as ops@example.com")
    return text


def duration(text: str, *, field: str = "duration") -> timedelta:
    """`90s`, `15m`, `12h`, `7d`, `6w`, `1y` (365 days each), or `0`."""
    text = text.strip()
    if text == "0":
        return timedelta(0)
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValidationError(field, f"{_shown(text)} is not a duration: write 90s, 15m, 12h, 7d, 6w or 1y")
    try:
        if match[2] == "y":
            return timedelta(days=_DAYS_A_YEAR * int(match[1]))
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        raise ValidationError(field, f"{_shown(text)} is too long") from None


def when(text: str, *, now: datetime, zone: tzinfo, field: str = "expires") -> datetime | None:
    """A future moment → aware UTC, or None for `never`.

    `90s 15m 12h 7d 6w 1y` count from `now` (a `+` before them is fine); `2026-12-31` is the last second of that day in
    `zone`; `2026-12-31T12:00` is in `zone` unless it ends in `Z` or an offset. A local time that a daylight-saving
    change skips is refused; one that happens twice is the earlier.
    """
    text = text.strip()
    if text.lower() == "never":
        return None
    try:
        moment = _moment(text, now, zone, field)
    except OverflowError:
        raise ValidationError(field, f"{_shown(text)} is too far away") from None
    if moment <= now:
        raise ValidationError(field, f"{_shown(text)} lies in the past")
    if moment.year > 9000:  # "never" is stored as a far moment; nothing else may come near it
        raise ValidationError(field, f"{_shown(text)} is too far away: write never")
    return moment


def lifetime(expires: datetime | None, *, now: datetime, longest: timedelta | None, field: str = "expires") -> None:
    """Refuses an expiry that passes the configured longest lifetime; `never` passes every one."""
    if longest is not None and (expires is None or expires > now + longest):
        days = longest / timedelta(days=1)
        raise ValidationError(field, f"a token may live at most {days:g} days (max_lifetime)")


def unsafe_character(text: str) -> str:
    """The first character that may not stand in a text on one line, or an empty text.

    These are control characters (C0, DEL and C1), marks that turn the order of text around, line and paragraph
    separators, and surrogates, which no database can store.
    """
    if text.isascii() and text.isprintable():
        return ""
    return next((one for one in text if unicodedata.category(one) in ("Cc", "Cs") or one in INVISIBLE_MARKS), "")


def _moment(text: str, now: datetime, zone: tzinfo, field: str) -> datetime:
    if _DURATION.fullmatch(text):
        return now + duration(text, field=field)
    local: datetime | None = None
    try:
        if _DATE.fullmatch(text):
            local = datetime.combine(date.fromisoformat(text), time(23, 59, 59), zone)
        elif match := _MOMENT.fullmatch(text):
            offset = match[3]
            local = datetime.fromisoformat(f"{match[1]}T{match[2]}{offset or ''}")
            local = local if offset else local.replace(tzinfo=zone)
    except ValueError:
        raise ValidationError(field, f"{_shown(text)} is not a date that exists") from None
    if local is None:
        example = "write 30d, 2026-12-31, 2026-12-31T12:00Z or never"
        raise ValidationError(field, f"{_shown(text)} is not a time: {example}")
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValidationError(field, f"{_shown(text)} does not exist here: the clocks are put forward over it")
    return moment


def _line(label: str, text: str, *, field: str | None = None) -> str:
    _plain(label, text, field=field or label)
    return text.strip()


def _plain(label: str, text: str, *, field: str) -> None:
    if character := unsafe_character(text):
        raise ValidationError(field, f"the {label} holds a character that can't be shown (U+{ord(character):04X})")


def _at_most(label: str, text: str, length: int, *, field: str | None = None) -> str:
    if len(text) > length:
        raise ValidationError(field or label, f"the {label} has {len(text)} characters, {length} are allowed")
    return text


def _shown(text: str) -> str:
    """What was typed, quoted, short and harmless on a terminal."""
    short = text if len(text) <= 40 else text[:39] + "…"
    return repr(short) if not short.isprintable() else f"'{short}'"
