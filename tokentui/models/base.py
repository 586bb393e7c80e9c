"""What all tables share: names for constraints, and column types that can read whatever a column holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Boolean, Dialect, Integer, LargeBinary, MetaData, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from tokentui.models.damaged import DamagedBytes, DamagedText, read_moment
from tokentui.models.moments import to_micros

WholeNumber = BigInteger().with_variant(Integer, "sqlite")
"""Of 64 bits on every database: what SQLite calls INTEGER."""


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

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        # Not by way of `process_result_value`, which costs as much again.
        return partial(read_moment, never=self.never)


class PlainText(TypeDecorator[str]):
    """Text; with `ignore_case`, its comparisons and index ignore ASCII case.

    That is declared on the column, since SQLite serves `ORDER BY name COLLATE NOCASE` from an index only if the column
    says so. On PostgreSQL whoever compares or sorts says so too, by `IgnoringCase`.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int | None = None, *, ignore_case: bool = False) -> None:
        super().__init__(length)
        self.length = length
        self.ignore_case = ignore_case

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        # C: the order of bytes, and the case of ASCII letters alone, as on SQLite; not what a server's locale says.
        collation = "C" if dialect.name != "sqlite" else "NOCASE" if self.ignore_case else None
        return dialect.type_descriptor(String(self.length, collation=collation))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        return lambda value: value if value is None or isinstance(value, str) else DamagedText.decoded(value)


class IgnoringCase(FunctionElement[str]):
    """A text to be compared or sorted without ASCII case, of a column that is declared so, or a value for it."""

    inherit_cache = True
    type = String()


@compiles(IgnoringCase, "sqlite")
def _as_declared(element: IgnoringCase, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses.clauses[0], **options)


@compiles(IgnoringCase)
def _lowered(element: IgnoringCase, compiler: SQLCompiler, **options: Any) -> str:
    return f'lower({compiler.process(element.clauses.clauses[0], **options)} COLLATE "C")'


class Bytes(TypeDecorator[bytes]):
    """Bytes; a value that is none is read as no bytes at all."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return value if value is None or isinstance(value, bytes) else DamagedBytes.of(value)


class Flag(TypeDecorator[bool]):
    """True or false; a value that is neither is read as false, which opens nothing."""

    impl = Boolean
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bool]:
        # Not after that of Boolean, for which any text is true.
        return lambda value: type(value) in (int, bool) and value == 1
