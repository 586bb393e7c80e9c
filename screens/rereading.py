"""When what is shown must be read again though nobody has changed it."""

from __future__ import annotations

from datetime import datetime, tzinfo


class Rereading:
    """Knows when a reading is out of date: a moment has come, a day has begun, or the clock was set back behind it."""

    _read_at: datetime | None = None
    _next_change: datetime | None = None

    def was_read(self, at: datetime, next_change: datetime | None) -> None:
        """`at` is when the reading began, `next_change` when a status changes by itself after that, None for never."""
        self._read_at, self._next_change = at, next_change

    def is_due(self, now: datetime, zone: tzinfo) -> bool:
        """True once, then not before it was read again; `zone` is whose days are meant."""
        read_at, next_change = self._read_at, self._next_change
        if read_at is None:
            return False
        came = next_change is not None and now >= next_change
        other_day = now.astimezone(zone).date() != read_at.astimezone(zone).date()
        due = came or other_day or now < read_at
        if due:
            self._read_at = None
        return due
