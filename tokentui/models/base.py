"""What all tables share: names for constraints, and the one column type for moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Base(DeclarativeBase):
    """The declarative base of every table of tokentui."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def to_micros(moment: datetime) -> int:
    """An aware moment → microseconds since 1970 in UTC; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Microseconds since 1970 → aware UTC."""
    return EPOCH + timedelta(microseconds=micros)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as whole microseconds since 1970 in UTC.

    An integer compares, sorts and indexes alike on every database, and the gate reads it without parsing.
    With `never`, None is stored as that moment instead of NULL: "never expires" then sorts last and "never used"
    first by the plain index, and both take part in range queries. Such a column is never compared with None in SQL.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, never: datetime | None = None) -> None:
        super().__init__()
        self.never = never
        # Otherwise the ORM leaves a None out of an INSERT, and `never` is never bound.
        self.should_evaluate_none = never is not None

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        value = self.never if value is None else value
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = from_micros(value)
        return None if moment == self.never else moment


def text_without_case(length: int) -> String:
    """Text whose comparisons and index ignore ASCII case.

    Declared on the column, since SQLite serves `ORDER BY name COLLATE NOCASE` from an index only if the column says so.
    """
    return String(length).with_variant(String(length, collation="NOCASE"), "sqlite")
