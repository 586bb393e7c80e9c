"""Telling SQLite which index to use, by taking the others out of its choice. The meaning of a condition stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import BinaryExpression, BooleanClauseList, ColumnElement, True_, case, func, literal_column
from sqlalchemy.sql import operators, visitors


def conjuncts(conditions: Iterable[ColumnElement[bool]]) -> Iterator[ColumnElement[bool]]:
    """The parts that must all hold, without those that do anyway."""
    for condition in conditions:
        if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
            yield from conjuncts(condition.clauses)
        elif not isinstance(condition, True_):
            yield condition


def ranges(conditions: Iterable[ColumnElement[bool]], column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """The parts that speak of this column alone: its index can begin and end with them."""
    return [part for part in conjuncts(conditions) if _columns(part) == {column.key}]


def bounds(conditions: Iterable[ColumnElement[bool]], column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """The tightest bounds of the column where the conditions have several on a side, to be put before them.

    SQLite begins at the first that it comes by, and tests each row from there on against the others.
    """
    parts = [part for part in ranges(conditions, column) if isinstance(part, BinaryExpression)]
    lower = [part.right for part in parts if part.operator in (operators.gt, operators.ge)]
    upper = [part.right for part in parts if part.operator in (operators.lt, operators.le)]
    tightest = [column >= func.max(*lower)] if len(lower) > 1 else []
    return [*tightest, column <= func.min(*upper)] if len(upper) > 1 else tightest


def outside_index(condition: ColumnElement[bool], *, unless: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """The condition in a form that no index serves, unless it speaks of one column alone."""
    if unless is not None and _columns(condition) == {unless.key}:
        return condition
    return case((condition, 1), else_=0) == 1


def without_index(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column of `tokens` in a form that no index serves; a plus keeps its collation (SQLite, "Collation", 7.1)."""
    return literal_column(f"+tokens.{column.key}", column.type)


def _columns(condition: ColumnElement[bool]) -> set[str | None]:
    return {part.key for part in visitors.iterate(condition) if part.__visit_name__ == "column"}  # type: ignore[attr-defined]
