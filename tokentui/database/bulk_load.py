"""Filling empty tables with many rows: without the types of their columns, and indexes made once they are all there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokentui.database.driver_errors import database_error
from tokentui.database.sqlite import FileConnection, file_uri, make_file
from tokentui.migrations import new_file
from tokentui.migrations.new_file import SchemaPart
from tokentui.models import derived

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CACHE_KIB = 16 * 1024
"""KiB of memory for SQLite's pages while a load lasts: what indexes are sorted in, too."""

_UNSAFE = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", f"cache_size = -{_CACHE_KIB}")
"""For a file that is of no use until all of it is there."""


@contextmanager
def made_file(path: Path) -> Iterator[FileConnection]:
    """A new database in a file of this name, to be filled with rows; its indexes and triggers are made at the end.

    Nothing is kept of what came before an error, or a kill: the file is none then. So nobody else may know its name
    before it is whole, and where this raises, it must be removed. Raises DatabaseError.
    """
    make_file(path, False)
    try:
        uri = file_uri(path, "rw")
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, factory=FileConnection)) as connection:
            for pragma in _UNSAFE:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN")
            new_file.create(connection, SchemaPart.TABLES)
            yield connection
            new_file.create(connection, SchemaPart.INDEXES)
            derived.fill_tables(connection)
            connection.execute("UPDATE epoch SET value = random()")  # as the triggers would have done
            new_file.create(connection, SchemaPart.TRIGGERS)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        with open(path, "rb") as file:
            os.fsync(file)
    except sqlite3.Error as error:
        raise database_error(error, str(path), path) from None


def insert_rows(
    connection: Connection | FileConnection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Inserts rows whose values are as the database keeps them, in the order of `columns`."""
    if rows:
        is_sqlite = isinstance(connection, FileConnection) or connection.dialect.name == "sqlite"
        sign = "?" if is_sqlite else "%s"
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
