"""What is wrong with a database is said within two seconds, whatever it is, and so is that it is over."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.database.database import Database
from tokentui.database.postgres import postgres_engine
from tokentui.database.url import parse_url
from tokentui.listing.counts import count
from tokentui.listing.spec import ListSpec
from tokentui.ui import server_probe
from tokentui.ui.watcher import INTERVAL, Watcher

WITHIN_S = 2.0


class Watched:
    """A watcher that looks when it is told to, and what it has called back."""

    def __init__(self, database: Database) -> None:
        self.problems: list[str] = []
        self.changes = 0
        self._watcher = Watcher(database, self._count, self.problems.append)
        self.look()

    def _count(self) -> None:
        self.changes += 1

    def look(self) -> None:
        """Once."""
        self._watcher.look()

    def look_in_time(self) -> None:
        """As often as the thread does in two seconds."""
        for _ in range(int(WITHIN_S / INTERVAL)):
            self.look()


@pytest.fixture
def file(context: Context) -> Path:
    """A database of many pages, all in the file, and open in a context."""
    for number in range(20):
        make_token(context, f"Token {number}")
    assert context.database.path is not None
    with closing(sqlite3.connect(context.database.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return context.database.path


def remove(file: Path) -> None:
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()


def replace_by_other_bytes(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(b"no database at all\n" * 1000)
    other.replace(file)


HARMS: dict[str, tuple[Callable[[Path], object], str]] = {
    "removed": (remove, "is not there any more"),
    "renamed": (lambda file: file.rename(file.with_name("away.db")), "is not there any more"),
    "truncated": (lambda file: os.truncate(file, 0), "is empty: somebody truncated it"),
    "partly cut": (lambda file: os.truncate(file, file.stat().st_size // 2), "is damaged: somebody truncated it"),
    "cut within a page": (lambda file: os.truncate(file, file.stat().st_size - 100), "is damaged"),
    "replaced by something else": (replace_by_other_bytes, "can't be read"),
}


@pytest.mark.parametrize("harm_name", HARMS)
def test_what_is_wrong_with_a_file(context: Context, file: Path, harm_name: str) -> None:
    """It is said once, and so is that it is over."""
    backup = file.with_name("backup")
    shutil.copy(file, backup)
    watched = Watched(context.database)
    harm, said = HARMS[harm_name]
    harm(file)
    watched.look_in_time()
    assert len(watched.problems) == 1
    assert said in watched.problems[0]
    backup.replace(file)
    watched.look_in_time()
    assert watched.problems[1:] == [""]


def test_one_that_was_replaced_by_another_is_a_change(context: Context, file: Path) -> None:
    """Nothing is wrong with it; what is shown is read anew."""
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    watched = Watched(context.database)
    copy.replace(file)
    watched.look_in_time()
    assert (watched.changes, watched.problems) == (1, [])


def test_one_that_another_was_copied_over_is_read_anew(context: Context, file: Path) -> None:
    """`cp` keeps the inode, and SQLite's index of the WAL knows nothing of it."""
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    make_token(context, "Since then")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert count(context, ListSpec()) == 21
    watched = Watched(context.database)
    shutil.copyfile(copy, file)
    os.utime(file, (0, 0))  # another time for certain: the clock of a file system stands still for milliseconds
    watched.look_in_time()
    assert (watched.changes, watched.problems) == (1, [])
    assert count(context, ListSpec()) == 20


def test_a_directory_in_its_place(context: Context, file: Path) -> None:
    watched = Watched(context.database)
    remove(file)
    file.mkdir()
    watched.look_in_time()
    assert len(watched.problems) == 1


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port whose connections are made and never answered, as those of a server that is stuck."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def on_server(port: int) -> Database:
    """A database of a server that nothing was asked of yet."""
    pytest.importorskip("psycopg")
    url, _ = parse_url(f"postgresql://alice:geheim@127.0.0.1:{port}/tokens")
    return Database(postgres_engine(url), url=url, path=None, read_only=False)


def test_a_server_that_refuses(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    watched = Watched(on_server(port))
    watched.look_in_time()
    assert len(watched.problems) == 1
    assert "can't be reached" in watched.problems[0]
    assert "geheim" not in watched.problems[0]


def test_a_server_that_does_not_answer(listener: socket.socket) -> None:
    """It is asked once, by one thread, however often it is looked at."""
    database = on_server(listener.getsockname()[1])
    assert server_probe.ANSWER_S + INTERVAL < WITHIN_S
    begun = time.monotonic()
    watched = Watched(database)
    assert time.monotonic() - begun < WITHIN_S
    assert watched.problems == [f"{database.name} does not answer"]
    watched.look()
    assert len(watched.problems) == 1
