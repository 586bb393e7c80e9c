"""Rows that hold what the program never writes, as a flipped bit or another program may leave them."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from tokentui.models import Base

VALUES = (
    "x'ff80'", "CAST(x'41ff42' AS TEXT)", "'foreign'", "-5", "4611686018427387904", "1.5", "NULL", "'[1, 2]'",
    "'{\"name\": 1}'", "'{\"name\": [1]}'",
)  # fmt: skip
"""SQL literals: a blob, a text that is no UTF-8, texts, numbers out of range, no value, JSON of another form."""

FIRST_ID = 700_000_000


def allow_anything(connection: sqlite3.Connection) -> None:
    """Neither NOT NULL nor a reference is in the way any longer, as a flipped bit finds none there either."""
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
    connection.execute("PRAGMA writable_schema=RESET")


def add_damaged_rows(database: Path, table: str) -> list[tuple[int, str, str]]:
    """A copy of the table's first row for each column and value; the key of each, its column, and the SQL literal."""
    columns = [column.name for column in Base.metadata.tables[table].columns]
    added: list[tuple[int, str, str]] = []
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        allow_anything(connection)
        (original,) = connection.execute(f"SELECT id FROM {table} LIMIT 1").fetchone()
        for column in columns:
            if column == "id":
                continue
            for value in VALUES:
                key = FIRST_ID + len(added)
                cells = {name: name for name in columns} | {"id": str(key), column: value}
                if "digest" in cells and column != "digest":
                    cells["digest"] = "randomblob(32)"
                if "occasion" in cells and column != "occasion":
                    cells["occasion"] = f"'{key}'"
                conflict = "OR IGNORE " if column == "occasion" else ""
                connection.execute(
                    f"INSERT {conflict}INTO {table} ({', '.join(cells)}) "
                    f"SELECT {', '.join(cells.values())} FROM {table} WHERE id = {original}"
                )
                added.append((key, column, value))
    return added


def damage(database: Path, table: str, column: str, value: str) -> None:
    """Puts an SQL literal into a column of every row of a table, where SQLite takes it at all."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        allow_anything(connection)
        with contextlib.suppress(sqlite3.IntegrityError):  # a row's own key is always a whole number
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = {value}")
