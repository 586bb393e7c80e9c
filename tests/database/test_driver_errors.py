"""Errors of the drivers are told by their codes."""

from __future__ import annotations

import sqlite3

import pytest

from tokentui.database.driver_errors import database_error
from tokentui.errors import DatabaseLocked


class ServerError(Exception):
    """As psycopg raises it, in a language that nobody here reads."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("Fehler: etwas ist passiert")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("53100", "disk is full"), ("08006", "can't be reached"), ("42501", "can't be used by this user"),
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
