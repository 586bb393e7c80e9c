"""`audit --check`: what it prints, its JSON and its exit status."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.cli.conftest import Tokentui


def run_sql(tokentui: Tokentui, statement: str) -> None:
    """As somebody who has the file."""
    with closing(sqlite3.connect(tokentui.home / "tokens.db", isolation_level=None)) as connection:
        connection.executescript(statement)


def test_a_record_that_was_left_alone(tokentui: Tokentui) -> None:
    """0, with the head, which is noted in the home."""
    tokentui.make()
    done = tokentui("audit", "--check")
    assert done.status == 0
    first, head = done.out.splitlines()
    assert first == "1 entry, 1 bound; nothing was changed"
    assert head.startswith("head: entry 1, ")
    as_json = tokentui("audit", "--check", "--json").json
    assert as_json["head"]["link"] == head.rpartition(" ")[2]
    assert (as_json["ok"], as_json["entries"], as_json["tampering"]) == (True, 1, [])
    assert (tokentui.home / "audit-head.json").stat().st_mode & 0o777 == 0o600


def test_what_was_tampered_with(tokentui: Tokentui) -> None:
    """1, and a line that names the entries."""
    for _ in range(4):
        tokentui.make()
    run_sql(tokentui, "DELETE FROM audit WHERE id = 2")
    done = tokentui("audit", "--check")
    assert (done.status, done.err) == (1, "tokentui: audit: entry 2 is missing\n")
    assert tokentui("audit", "--check", "--json").json["tampering"] == [
        {"first": 2, "last": 2, "message": "is missing"}
    ]  # fmt: skip


def test_a_backup_that_was_restored_is_told_until_it_is_accepted(tokentui: Tokentui) -> None:
    """The database is then an older copy of itself, which nobody else can say was meant."""
    tokentui.make()
    backup = str(tokentui.home / "backup.db")
    assert tokentui("db", "backup", backup).status == 0
    tokentui.make()
    assert tokentui("audit", "--check").status == 0
    assert tokentui("db", "restore", backup).status == 0
    done = tokentui("audit", "--check")
    assert done.status == 1
    assert "was there at the last check" in done.err
    assert tokentui("audit", "--check", "--accept").status == 0
    assert tokentui("audit", "--check").status == 0


def test_what_goes_with_it(tokentui: Tokentui) -> None:
    """The whole record, with the master key."""
    token_id = tokentui.make()["id"]
    assert tokentui("audit", "--check", token_id).status == 2
    assert tokentui("audit", "--accept").status == 2
    (tokentui.home / "master.key").unlink()
    assert tokentui("audit", "--check").status == 4
