"""The power goes while somebody writes: whatever of the two files had reached the disk, every change is whole.

A copy of the database and a WAL that ends anywhere is what such a disk holds: SQLite writes the WAL from its beginning
to its end, and into the database itself only what is safe in the WAL (https://sqlite.org/wal.html). A block at the end
may hold anything, as its checksum is wrong then.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.database.helpers import add, whole
from tests.factories import make_token
from tokentui.context import Context
from tokentui.database.database import Database
from tokentui.operations.check import check
from tokentui.records import Action
from tokentui.tokens import bulk

PART = 20
"""Rows that one transaction writes."""


def copy_of(file: Path, place: Path, wal: bytes) -> Path:
    """The database in a directory of its own, with so much of its WAL and no index: that is never on the disk."""
    place.mkdir()
    shutil.copy(file, place)
    (place / f"{file.name}-wal").write_bytes(wal)
    return place / file.name


def changes_in(file: Path) -> list[int]:
    """The numbers of the changes that are there; fails where one is there in part."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name FROM meta WHERE name LIKE 'change %'").fetchall()
    parts = Counter(int(name.split()[1]) for (name,) in rows)
    assert set(parts.values()) <= {PART}
    return sorted(parts)


def write_change(database: Database, number: int) -> None:
    add(database, *(f"change {number} {part} {'x' * 200}" for part in range(PART)))


@pytest.mark.parametrize("seed", range(4))
def test_a_wal_that_ends_anywhere(file: Path, opened: Callable[..., Database], tmp_path: Path, seed: int) -> None:
    """The first changes are there, up to one of them; the rest is not, and writing goes on."""
    database = opened(file)
    for number in range(8):
        write_change(database, number)
    wal = Path(f"{file}-wal").read_bytes()
    places = random.Random(seed)
    there = set()
    for cut in range(15):
        end = places.randrange(len(wal) + 1)
        rest = places.randbytes(places.choice((0, 1, 24, 4096)))  # a block that was being written
        copy = copy_of(file, tmp_path / f"cut {cut}", wal[:end] + rest)
        numbers = changes_in(copy)
        assert numbers == list(range(len(numbers)))
        assert whole(copy)
        again = opened(copy)
        write_change(again, 99)
        again.close()
        assert changes_in(copy) == [*numbers, 99]
        there.add(len(numbers))
    assert len(there) > 3
    assert changes_in(copy_of(file, tmp_path / "all", wal)) == list(range(8))


def test_the_files_as_they_are_while_others_write(file: Path, opened: Callable[..., Database], tmp_path: Path) -> None:
    """Copied in the middle of writes, and of the moves from the WAL into the database, which a lock keeps apart."""
    database, end = opened(file), threading.Event()
    committed: list[int] = []

    def write() -> None:
        while not end.is_set():
            write_change(database, len(committed))
            committed.append(len(committed))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for cut in range(15):
            while len(committed) < 3 * cut:
                end.wait(0.001)
            with closing(sqlite3.connect(file, isolation_level=None)) as reader:
                # A reader keeps what it reads from being written over; the writer goes on at the WAL's end.
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM meta").fetchone()
                before = len(committed)
                copy = copy_of(file, tmp_path / f"cut {cut}", Path(f"{file}-wal").read_bytes())
            numbers = changes_in(copy)
            assert numbers == list(range(len(numbers)))
            assert len(numbers) >= before - 1
            assert whole(copy)
    finally:
        end.set()
        thread.join()


def test_tokens_are_whole(context: Context, open_as: Callable[..., Context], tmp_path: Path) -> None:
    """What the services write: with its secret, its audit entry and its modules, so that `db check` finds nothing."""
    file = context.database.path
    assert file is not None
    for number in range(5):
        token = make_token(context, f"Token {number}", modules=("agreements", "helpdesk")).token
        bulk.apply(context, Action.ROTATE, [token.id])
        bulk.apply(context, Action.DISABLE, [token.id])
    context.close()
    wal = Path(f"{file}-wal")
    places = random.Random(7)
    reader = open_as()  # keeps the WAL there
    with reader.database.read() as session:
        session.connection()
        make_token(context, "One more")
        bulk.apply(context, Action.ROTATE, [token.id])
        content, database = wal.read_bytes(), file.read_bytes()
    reader.close()
    context.close()
    assert len(content) > 4096
    for _ in range(10):
        for other in file.parent.glob("tokens.db*"):
            other.unlink()
        file.write_bytes(database)
        wal.write_bytes(content[: places.randrange(len(content) + 1)])
        after = open_as()
        assert [finding for finding in check(after) if not finding.ok] == []
        after.close()
