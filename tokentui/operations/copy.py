"""Moves everything from one database into another that holds no tokens, whatever the two are: a file or a server's.

It is one transaction of the target: one that is ended in the middle has left nothing, and is begun anew. Rows go as
they are stored, past the types of the models, which would take ten times as long for millions of counts.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from tokentui import migrations
from tokentui.database.database import Database
from tokentui.database.locks import Lock, hold
from tokentui.database.schema import revision
from tokentui.errors import DatabaseError, UsageError
from tokentui.models import AuditEntry, Base, Epoch, Token
from tokentui.models.base import Flag

BATCH_ROWS = 5_000

TABLES: tuple[Table, ...] = tuple(
    # The epoch is the target's own: it changes with the rows, so that its gates look again.
    table
    for table in Base.metadata.sorted_tables
    if table.name != Epoch.__tablename__
)
"""What is copied, each table after those that it refers to."""

Row = Sequence[Any]
_STORED = frozenset({int, str, bytes, bool, type(None)})


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far a copy is: rows that were written or compared, of so many."""

    table: str
    done: int
    total: int


def copy(source: Database, target: Database, tell: Callable[[CopyProgress], object] = lambda _: None) -> dict[str, int]:
    """Copies every row and compares the two; the number of rows by table.

    Raises UsageError where the target holds tokens or a history of any, and DatabaseError where a row can't be copied,
    or is not found in the target as it was. Then the target is as it was before.
    """
    if source.name == target.name and source.path == target.path:
        raise UsageError("the two are the same database", "name another to copy it to")
    with source.read() as reading:
        _require_schema(reading, source)
        counts = {table.name: reading.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}
        total, done = 2 * sum(counts.values()), 0
        with target.write() as writing:
            _require_empty(writing, target)
            digests: dict[str, bytes] = {}
            for table in TABLES:
                digest = hashlib.blake2b(digest_size=32)
                for batch in _batches(reading, table):
                    _refuse_damaged(table, batch, source)
                    digest.update(repr(batch).encode())
                    _insert(writing, table, batch, target)
                    done += len(batch)
                    tell(CopyProgress(table.name, done, total))
                digests[table.name] = digest.digest()
            _set_sequences(writing)
            for table in TABLES:
                digest = hashlib.blake2b(digest_size=32)
                for batch in _batches(writing, table):
                    digest.update(repr(batch).encode())
                    done += len(batch)
                    tell(CopyProgress(table.name, done, total))
                if digest.digest() != digests[table.name]:
                    raise DatabaseError(f"{target.name} has not got {table.name} as they were", "nothing was copied")
            writing.commit()
    return counts


def _require_schema(session: Session, source: Database) -> None:
    schema = revision(session.connection())
    if schema != migrations.HEAD:
        raise DatabaseError(f"{source.name} has schema {schema or 'none'}", "run `tokentui db upgrade` on it first")


def _require_empty(session: Session, target: Database) -> None:
    """Raises UsageError where something would be lost; else the catalogue and the like are removed."""
    connection = session.connection()
    hold(connection, Lock.CATALOG)
    hold(connection, Lock.MASTER_KEY)
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in TABLES)
        session.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for table, held in ((Token, "tokens"), (AuditEntry, "an audit")):
        if session.scalar(select(table.id).limit(1)) is not None:
            raise UsageError(f"{target.name} holds {held}", "copy to a new database")
    for table in reversed(TABLES):
        session.execute(table.delete())


def _batches(session: Session, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """The rows as they are stored, in the order of their key, which is the same on both engines."""
    keys = ", ".join(column.name for column in table.primary_key.columns)
    statement = f"SELECT {_columns(table)} FROM {table.name} ORDER BY {keys}"  # noqa: S608 - names of the models
    flags = [index for index, column in enumerate(table.columns) if isinstance(column.type, Flag)]
    driver_connection: Any = session.connection().connection.driver_connection
    if isinstance(driver_connection, sqlite3.Connection):
        cursor = driver_connection.cursor()
    else:
        cursor = driver_connection.cursor(name=f"copy_{table.name}")
        cursor.itersize = BATCH_ROWS
    try:
        cursor.execute(statement)
        while batch := cursor.fetchmany(BATCH_ROWS):
            yield [_with_numbers(row, flags) for row in batch] if flags else batch
    finally:
        cursor.close()


def _with_numbers(row: Row, flags: Sequence[int]) -> tuple[Any, ...]:
    """True and false as SQLite has them."""
    cells = list(row)
    for index in flags:
        cells[index] = int(cells[index]) if isinstance(cells[index], bool) else cells[index]
    return tuple(cells)


def _refuse_damaged(table: Table, batch: Iterable[Row], source: Database) -> None:
    if not _STORED.issuperset(map(type, chain.from_iterable(batch))):
        raise DatabaseError(f"a row of {table.name} in {source.name} is damaged", "run `tokentui db check` on it")


def _insert(session: Session, table: Table, batch: Sequence[Row], target: Database) -> None:
    driver_connection: Any = session.connection().connection.driver_connection
    cursor = driver_connection.cursor()
    try:
        if isinstance(driver_connection, sqlite3.Connection):
            places = ", ".join("?" * len(table.columns))
            cursor.executemany(f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({places})", batch)  # noqa: S608
        else:
            with cursor.copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN") as rows:
                for row in batch:
                    rows.write_row(row)
    finally:
        cursor.close()


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _set_sequences(session: Session) -> None:
    """The next secret and the next entry come after those that were copied."""
    if session.connection().dialect.name == "postgresql":
        for name in ("secrets", "audit"):
            sequence = f"pg_get_serial_sequence('{name}', 'id')"
            session.execute(text(f"SELECT setval({sequence}, GREATEST(max(id), 1), max(id) IS NOT NULL) FROM {name}"))  # noqa: S608
