"""What is read where a column holds a value that the program never writes: a flipped bit, or another program's.

Every column can be read. Such a value becomes one of a class below: safe to show, to compare and to sort, and told
from a good one by its class.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from tokentui.models.moments import LATEST, from_micros, to_micros

_LATEST_MICROS = to_micros(LATEST)


class Damaged:
    """Marks a value that stands for one that can't be read.

    `raw` is what the column holds; a text has its bytes that are no UTF-8 as surrogates (PEP 383).
    """

    raw: object = None

    @classmethod
    def of(cls, raw: object, *value: Any) -> Self:
        """An instance of the subclass that equals `value`, for what the column holds."""
        damaged = cls(*value)
        damaged.raw = raw
        return damaged


class DamagedText(Damaged, str):
    """As much of a text as can be read, with U+FFFD for the rest."""

    @classmethod
    def decoded(cls, raw: object) -> DamagedText:
        """What bytes say in UTF-8, or how another value is written; NULL says nothing."""
        if isinstance(raw, bytes):
            return cls.of(raw, raw.decode(errors="replace"))
        return cls.of(raw, "" if raw is None else str(raw))


class DamagedBytes(Damaged, bytes):
    """No bytes, which are no digest and no sealed text of anything."""


class DamagedMoment(Damaged, datetime):
    """The moment, aware, that the database itself would take the value for when it compares it."""

    @classmethod
    def at(cls, moment: datetime, raw: object) -> DamagedMoment:
        """Stands for `raw` at an aware moment."""
        return cls.of(
            raw,
            moment.year,
            moment.month,
            moment.day,
            moment.hour,
            moment.minute,
            moment.second,
            moment.microsecond,
            moment.tzinfo,
        )


def read_moment(value: Any, *, never: datetime | None = None) -> datetime | None:
    """A moment from what a column holds: microseconds since 1970 → aware UTC; None where it holds `never`, or NULL.

    NULL is damage where `never` is given, as such a column holds that moment instead.
    """
    if type(value) is int and 0 <= value <= _LATEST_MICROS:
        moment = from_micros(value)
        return None if moment == never else moment
    if value is None and never is None:
        return None
    # SQLite sorts NULL before all numbers, texts and blobs behind them, and so does a list of tokens.
    number = 0 if value is None else value if isinstance(value, (int, float)) else _LATEST_MICROS
    return DamagedMoment.at(from_micros(int(max(0, min(number, _LATEST_MICROS)))), value)


def decode_text(raw: bytes) -> str:
    """Text as a driver gives it, in bytes: never an error, as UTF-8 that is none would be."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return DamagedText.of(raw.decode(errors="surrogateescape"), raw.decode(errors="replace"))
