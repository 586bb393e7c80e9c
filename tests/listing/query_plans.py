"""Which statements are run, and how SQLite goes about one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tokentui.context import Context

Statement = tuple[str, Any]
"""The SQL, and its parameters."""


@contextmanager
def statements_of(context: Context) -> Iterator[list[Statement]]:
    """Those that are run inside of it, as they come."""
    statements: list[Statement] = []
    engine = context.database.engine

    def keep(*of_event: Any) -> None:
        statements.append((of_event[2], of_event[3]))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def plan_of(context: Context, statement: Statement) -> list[str]:
    """The steps of a statement's plan."""
    sql, parameters = statement
    with context.database.engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]
