"""The one clock, and the operator's time zone. Inside the program every moment is aware and in UTC."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Clock = Callable[[], datetime]
"""Returns the current moment, aware, in UTC. Passed in, so that tests can move it."""

NANOS_A_MICRO = 1_000
"""Nanoseconds in a microsecond, which is what the database counts in."""


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def utc_text(moment: datetime | None) -> str | None:
    """An aware UTC moment as JSON and the audit have it, `2026-11-24T09:30:00Z`; None stays None: never."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def local_zone() -> tzinfo:
    """The operator's time zone: `TZ`, else the machine's, else UTC.

    `TZ` is what POSIX and tzset(3) take: a name such as `Europe/Paris`, a file, or a rule such as
    `CET-1CEST,M3.5.0,M10.5.0/3`. These rather than today's fixed offset: a date in July has July's offset in January
    too. What is none of these counts as the C library counts it, which is mostly UTC.
    """
    named = os.environ.get("TZ", "/etc/localtime").removeprefix(":") or "UTC0"  # set, but to nothing, means UTC
    for read in (_zone_of_name, _zone_of_rule):
        with suppress(OSError, ValueError, ZoneInfoNotFoundError):  # the last is a KeyError
            return read(named)
    return _offset_of_today()


def _zone_of_name(name: str) -> tzinfo:
    if not name.startswith("/"):
        return ZoneInfo(name)
    with Path(name).open("rb") as file:
        return ZoneInfo.from_file(file)


def _zone_of_rule(rule: str) -> tzinfo:
    """A POSIX rule, read by `zoneinfo` as the footer of a file without transitions (RFC 8536, section 3.3).

    A rule that names a summer time but not when it begins has the dates of the United States, as in the C library.
    """
    utc = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4) + struct.pack(">l2b4s", 0, 0, 0, b"UTC\0")
    for text in (rule, f"{rule},M3.2.0,M11.1.0"):
        with suppress(ValueError):
            return ZoneInfo.from_file(io.BytesIO(utc * 2 + b"\n" + text.encode("ascii") + b"\n"))
    raise ValueError("not a rule of POSIX")


def _offset_of_today() -> tzinfo:
    try:
        offset = datetime.now().astimezone().utcoffset()
        return timezone(offset) if offset else UTC
    except (OSError, ValueError):  # more than a day away
        return UTC
