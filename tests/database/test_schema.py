"""A file that is not a database of this version is told, and left as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.database.helpers import add, names, whole
from tokentui.database.database import Database, open_database
from tokentui.errors import DatabaseError, SchemaTooNew


def test_many_that_open_a_new_one_at_once_make_one_schema(tmp_path: Path, opened: Callable[..., Database]) -> None:
    start, failed = threading.Barrier(4), []

    def first() -> None:
        start.wait()
        try:
            add(opened(tmp_path / "tokens.db"), str(threading.get_ident()))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=first) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(names(opened(tmp_path / "tokens.db"))) == 4


def test_a_newer_schema_is_left_untouched(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = file.read_bytes()
    for options in ({}, {"read_only": True}, {"upgrade": False}):
        with pytest.raises(SchemaTooNew, match="9999"):
            open_database(str(file), **options)  # type: ignore[arg-type]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"hello " * 100,
        b"x" * 15,
        b"\x89PNG\r\n\x1a\n" + bytes(5000),
        b"SQLite format 3\x00",
        b"SQLite format 3\x00" * 400,
    ],
)
def test_what_is_no_database_is_left_untouched(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"is not an SQLite database|is damaged"):
        open_database(str(file))
    assert file.read_bytes() == content


def test_the_database_of_another_program_is_left_untouched(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE cats (name)")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(DatabaseError, match="not a database of tokentui"):
        open_database(str(file))
    assert file.read_bytes() == before


@pytest.mark.parametrize("size", [16, 50, 100, 512, 4096, 5000, 0.3, 0.6, 0.9])
def test_one_that_was_cut_is_damaged_and_not_made_anew(file: Path, size: float) -> None:
    content = file.read_bytes()
    cut = content[: int(size if size > 1 else len(content) * size)]
    file.write_bytes(cut)
    with pytest.raises(DatabaseError, match=r"is not an SQLite database|is damaged"):
        names(open_database(str(file)))
    assert file.read_bytes() == cut


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, a loop of links, a pipe: none may hang."""
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("loop", "pipe", "."):
        with pytest.raises(DatabaseError):
            names(open_database(str(tmp_path / name)))


@pytest.fixture
def left_in_a_change(file: Path, tmp_path: Path) -> Path:
    """A copy of a database and its rollback journal, as a program leaves them that is killed in a transaction."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA cache_size=1")  # so that what is changed reaches the file before the commit
        connection.execute("BEGIN IMMEDIATE")
        rows = [(f"left {number}", b"x" * 2000) for number in range(200)]
        connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", rows)
        copy = tmp_path / "left"
        copy.mkdir()
        for suffix in ("", "-journal"):
            shutil.copy(f"{file}{suffix}", copy)
        connection.execute("ROLLBACK")
    return copy / file.name


def test_what_was_left_in_the_middle_is_rolled_back(left_in_a_change: Path, opened: Callable[..., Database]) -> None:
    """SQLite does not do that for a connection that may only read."""
    database = opened(left_in_a_change)
    add(database, "after")
    assert names(database) == ["after"]
    assert whole(left_in_a_change)


def test_whoever_may_only_read_is_told_so(left_in_a_change: Path) -> None:
    with pytest.raises(DatabaseError, match="was left in the middle of a change") as raised:
        open_database(str(left_in_a_change), read_only=True)
    assert raised.value.hint == "open it once without --read-only"
