"""The slots of time that responses are counted by. Without SQLAlchemy."""

from __future__ import annotations

from datetime import datetime, timedelta

from tokentui.models.moments import EPOCH

SLOT = timedelta(minutes=15)
"""What is counted together. Time zones differ by multiples of it, so that local days are sums of slots."""

SLOTS_A_DAY = timedelta(days=1) // SLOT


def slot_of(moment: datetime) -> int:
    """The slot that an aware moment falls into, as whole slots since 1970 in UTC."""
    return (moment - EPOCH) // SLOT


def slot_start(slot: int) -> datetime:
    """The moment, in UTC, at which a slot begins."""
    return EPOCH + slot * SLOT
