"""Filling empty tables with many rows: without the types of their columns, and indexes made once they are all there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from tokentui.models import derived

_CACHE_KIB = 16 * 1024
"""KiB of memory for SQLite's pages while a load lasts: what indexes are sorted in, too."""


def insert_rows(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows whose values are as the database keeps them, in the order of `columns`."""
    if rows:
        sign = "?" if connection.dialect.name == "sqlite" else "%s"
        names, signs = ", ".join(columns), ", ".join([sign] * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({signs})", list(rows))  # noqa: S608


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """Takes the indexes off every table of an SQLite database, inside its open transaction, and makes them at the end.

    Each is then sorted once, where it would be searched for each row; so is what triggers derive from the tokens. What
    enforces a constraint stays. Another database keeps its indexes: it has memory enough for them.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    derived.create(connection)
    made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    indexes = made.all()
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    for name, _ in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        connection.exec_driver_sql(statement)
    derived.fill(connection)
    connection.exec_driver_sql(f"PRAGMA cache_size = {int(before)}")
