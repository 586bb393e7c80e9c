"""Errors of the drivers are told by their codes, and a disk that is full or can't be written as what it is."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import small_disk
from tests.database.helpers import add, names, whole
from tokentui.database.database import Database, open_database
from tokentui.database.driver_errors import database_error
from tokentui.errors import DatabaseError, DatabaseLocked

disk, fill = small_disk.disk, small_disk.fill


class ServerError(Exception):
    """As psycopg raises it, in a language that nobody here reads."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("Fehler: etwas ist passiert")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("53100", "disk is full"), ("08006", "can't be reached"), ("42501", "does not allow this to the role"),
        ("28P01", "can't be used by this user"), ("25006", "read-only"), ("42P01", "lacks a table"),
        ("22P05", "UTF8"), ("57P03", "being shut down or started"), ("99999", "SQLSTATE 99999"),
        (None, "can't be used"),
    ],
)  # fmt: skip
def test_a_server_s_errors(state: str | None, said: str) -> None:
    assert said in str(database_error(ServerError(state), "x"))


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57014"])
def test_a_server_s_locks(state: str) -> None:
    assert isinstance(database_error(ServerError(state), "x"), DatabaseLocked)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_FULL, "disk is full"), (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged"), (sqlite3.SQLITE_IOERR_READ, "disk error"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "can't be written"), (sqlite3.SQLITE_CANTOPEN_ISDIR, "can't be opened"),
    ],
)  # fmt: skip
def test_a_file_s_errors(code: int, said: str) -> None:
    error = sqlite3.OperationalError("etwas ist passiert")
    error.sqlite_errorcode = code
    assert said in str(database_error(error, "x"))


def test_a_full_disk_loses_nothing_that_was_committed(disk: Path, opened: Callable[..., Database]) -> None:
    database = opened(disk / "tokens.db")
    add(database, "before")
    ballast = fill(disk)
    done: list[str] = []

    def go_on() -> None:
        while True:
            add(database, f"x{len(done):03d}" * 10)
            done.append(f"x{len(done):03d}" * 10)

    with pytest.raises(DatabaseError, match="disk is full: free some space"):
        go_on()
    assert names(database) == ["before", *done]
    ballast.unlink()
    add(database, "room again")
    assert names(database) == ["before", "room again", *done]
    assert whole(disk / "tokens.db")


def test_none_is_half_made_on_a_full_disk(disk: Path, opened: Callable[..., Database]) -> None:
    ballast = fill(disk)
    with pytest.raises(DatabaseError, match="disk is full"):
        open_database(str(disk / "tokens.db"))
    ballast.unlink()
    assert names(opened(disk / "tokens.db")) == []


def test_a_disk_that_can_t_be_written_says_so(disk: Path) -> None:
    file = disk / "tokens.db"
    database = open_database(str(file))
    add(database, "x")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=False)  # busy while it is open for writing
    database.close()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    database = open_database(str(file))
    assert names(database) == ["x"]  # what nobody can write can be read without its locks
    with pytest.raises(DatabaseError, match="its file system is mounted read-only"):
        add(database, "y")
    database.close()
    with pytest.raises(DatabaseError, match="can't be made: Read-only file system"):
        open_database(str(disk / "new.db"))
