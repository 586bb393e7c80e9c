"""The one clock, and the operator's time zone. Inside the program every moment is aware and in UTC."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

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

    A `ZoneInfo` rather than today's fixed offset: a date in July has July's offset in January too.
    """
    name = os.environ.get("TZ", "").lstrip(":")
    if name:
        try:
            return ZoneInfo(name)
        except (OSError, ValueError):  # a POSIX rule such as `CET-1CEST`: today's offset is the best there is
            return datetime.now().astimezone().tzinfo or UTC
    try:
        with Path("/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
