"""The schema of a new SQLite file in the statements of `schema.sql`: run in a few milliseconds and without Alembic,
whose import and revisions, which come to the same, take a tenth of a second.

`make schema` writes the file anew, from the migrations.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from tokentui.models.driver_sql import DriverSql

FILE = Path(__file__).with_name("schema.sql")
HEAD_LINE = "-- What the migrations make of an empty file: written by `make schema`."
BETWEEN = ";\n\n"


class SchemaPart(Enum):
    """A part of the schema, by how its statements begin."""

    TABLES = ("CREATE TABLE ", "CREATE VIRTUAL TABLE ", "INSERT ")
    """With the rows that belong to a new database."""
    INDEXES = ("CREATE INDEX ",)
    """But those that are part of a constraint."""
    TRIGGERS = ("CREATE TRIGGER ",)


def create(connection: DriverSql, *parts: SchemaPart) -> None:
    """Makes these parts, or all, inside the connection's open transaction, in a file that has none of them yet."""
    text = FILE.read_text(encoding="utf-8").removeprefix(f"{HEAD_LINE}\n\n").removesuffix(BETWEEN)
    has_fts5 = connection.exec_driver_sql("SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'").fetchone()[0]
    for part in parts or SchemaPart:
        for statement in text.split(BETWEEN):
            if statement.startswith(part.value) and (has_fts5 or "token_search" not in statement):
                connection.exec_driver_sql(statement)
