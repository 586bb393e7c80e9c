"""The status of a token, computed from its times. Without SQLAlchemy, for what has only rows to show."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    """Computed from times, never stored. In the order of the digits 1 to 5 in the app."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"


def status_of(
    *,
    deleted_at: datetime | None,
    disabled_at: datetime | None,
    expires_at: datetime | None,
    now: datetime,
    expiring: timedelta,
) -> Status:
    """The status at `now`; `expiring` is how long before its expiry a token counts as expiring."""
    if deleted_at is not None:
        return Status.DELETED
    if disabled_at is not None:
        return Status.DISABLED
    if expires_at is None:
        return Status.ACTIVE
    if expires_at <= now:
        return Status.EXPIRED
    return Status.EXPIRING if expires_at <= now + expiring else Status.ACTIVE
