"""`db copy`: everything there and back, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import make_token
from tests.gate.helpers import header
from tests.postgres import Cluster
from tokentui.context import Context
from tokentui.database.database import Database, open_database
from tokentui.errors import DatabaseError, UsageError
from tokentui.gate import Gate
from tokentui.models import Base, Epoch
from tokentui.operations.copy import CopyProgress, copy
from tokentui.tokens import reads


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the epoch, which is a database's own."""
    tables = [table for table in Base.metadata.sorted_tables if table is not Epoch.__table__]
    with database.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in tables
        }


@pytest.fixture
def another(tmp_path: Path, on_server: bool, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Names of new databases on the engine of the test."""
    made: list[str] = []

    def name_one() -> str:
        if not on_server:
            made.append(str(tmp_path / f"another-{len(made)}.db"))
            return made[-1]
        cluster: Cluster = request.getfixturevalue("cluster")
        made.append(cluster.new_database())
        return cluster.url(made[-1])

    yield name_one
    if on_server:
        for name in made:
            request.getfixturevalue("cluster").drop(name)


def test_there_and_back(sample: Context, tmp_path: Path, another: Callable[[], str]) -> None:
    """Through a file: every row is the same, its keys work, and the next token comes after them."""
    issued = make_token(sample, "Öffentlich ①")
    before = everything(sample.database)
    file, last = open_database(str(tmp_path / "copy.db")), open_database(another())
    told: list[CopyProgress] = []
    counts = copy(sample.database, file, told.append)
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert (told[-1].done, told[-1].total) == (2 * sum(counts.values()),) * 2
    copy(file, last)
    assert everything(file) == before
    assert everything(last) == before
    moved = Context(last, sample.settings, sample.actor, clock=sample.clock, zone=sample.zone, environ={})
    assert Gate.from_context(moved).verify(header(issued)).allowed
    assert make_token(moved, "Next").token.id != issued.token.id
    assert sum(reads.count_by_status(moved).values()) == len(before["tokens"]) + 1
    for database in (file, last):
        database.close()


def test_a_target_that_holds_something(context: Context, another: Callable[[], str]) -> None:
    """Nothing is written into it, nor into the database itself."""
    make_token(context, "A")
    target = open_database(another())
    copy(context.database, target)
    before = everything(target)
    make_token(context, "B")
    with pytest.raises(UsageError, match="holds tokens: copy to a new database"):
        copy(context.database, target)
    assert everything(target) == before
    with pytest.raises(UsageError, match="are the same database"):
        copy(context.database, context.database)
    target.close()


def test_one_that_ends_in_the_middle_is_begun_anew(sample: Context, another: Callable[[], str]) -> None:
    """The target is empty as before, whatever the moment."""
    target = open_database(another())
    for part in (4, 2, 1.2):

        def stop(progress: CopyProgress, part: float = part) -> None:
            if progress.done > progress.total / part:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            copy(sample.database, target, stop)
        assert not any(everything(target).values())
    copy(sample.database, target)
    assert everything(target) == everything(sample.database)
    target.close()


@pytest.mark.sqlite
@pytest.mark.parametrize("damage", ["expires_at = 1.5", "name = CAST(x'41ff' AS TEXT)"])
def test_a_damaged_row(context: Context, tmp_path: Path, damage: str) -> None:
    """It is not copied as something else."""
    make_token(context, "A")
    assert context.database.path is not None
    with closing(sqlite3.connect(context.database.path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE tokens SET {damage}")
    target = open_database(str(tmp_path / "copy.db"))
    with pytest.raises(DatabaseError, match=r"a row of tokens in tokens\.db is damaged: run `tokentui db check`"):
        copy(context.database, target)
    assert not everything(target)["tokens"]
    target.close()
