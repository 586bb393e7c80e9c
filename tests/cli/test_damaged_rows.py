"""Commands on a database with rows that hold what the program never writes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import Tokentui
from tests.damage import add_damaged_rows

COMMANDS = (
    ("stats",), ("doctor",), ("catalog", "show"), ("list", "--sort", "status"), ("list", "--sort", "requests"),
    ("list", "--filter", "rotated:<1d"), ("list", "--filter", "created:<7d expires:<90d"),
    ("list", "--filter", "by:alice,bob whole"), ("audit", "--check"), ("audit", "--csv"),
    ("audit", "--filter", "since:7d"), ("tidy", "--unused", "1d", "--dry-run"), ("notify", "--dry-run"),
    ("notify", "--print"), ("leaks", "pyproject.toml"), ("vault", "rotate", "--yes"),
)  # fmt: skip


@pytest.fixture
def damaged(tokentui: Tokentui) -> Tokentui:
    """A damaged row for each column of a token, a secret and the audit."""
    tokentui.make("--module", "usage", "--allow-network", "10.0.0.0/8", "--external-id", "x", name="Whole")
    for table in ("audit", "secrets", "tokens"):
        add_damaged_rows(tokentui.home / "tokens.db", table)
    return tokentui


def test_lists_show_them_as_damaged(damaged: Tokentui) -> None:
    """In a table as a status, in JSON and CSV too."""
    tokens = damaged("list", "--json").json
    number = sum("damaged" in token for token in tokens)
    assert number > 50
    assert damaged("list").out.count("! Damaged") == number
    assert sum(",damaged," in line for line in damaged("list", "--csv").out.splitlines()) == number
    assert damaged("export").out.count('"damaged"') >= number  # those that are deleted too
    token = next(token for token in tokens if token.get("damaged") == ["expires_at"])
    shown = damaged("show", token["id"])
    assert "damaged: expires at" in shown.out
    assert shown.status == 0


def test_the_audit_shows_them_as_damaged(damaged: Tokentui) -> None:
    entries = damaged("audit", "--json").json
    assert ["changes"] in [entry.get("damaged") for entry in entries]
    assert "damaged: changes" in damaged("audit").out


def test_db_check_names_them(damaged: Tokentui) -> None:
    """Each table's key and the fields, at most twenty rows."""
    done = damaged("db", "check")
    assert done.status == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("NOT OK  rows")]
    assert "audit 700000001 of SU-" in line
    assert line.count("; ") == 20
    assert " more: " in line


def test_no_command_ends_in_a_fault(damaged: Tokentui) -> None:
    for arguments in COMMANDS:
        done = damaged(*arguments)
        assert done.status in (0, 1), (arguments, done.err)
        assert "fault" not in done.err


def test_a_notice_that_cannot_be_read_holds_up_no_other(tokentui: Tokentui) -> None:
    """Each damaged column of one beside a good one; how many nobody is told of is said, and `db check` names them."""
    config = tokentui.home / "config.toml"
    config.write_text('notify_events = ["disabled"]\n', encoding="utf-8")
    arguments = ("--config", str(config), "notify")
    tokentui(*arguments, "--print")
    tokentui("disable", tokentui.make(name="Whole")["id"], "--yes")
    assert "Whole was disabled" in tokentui(*arguments, "--print").out
    added = add_damaged_rows(tokentui.home / "tokens.db", "notices")
    waiting = "UPDATE notices SET sent_at = 0, due_at = 0 WHERE typeof(sent_at) = typeof(due_at)"
    with closing(sqlite3.connect(tokentui.home / "tokens.db", isolation_level=None)) as database:
        database.execute(waiting)
    preview = tokentui(*arguments, "--dry-run")
    done = tokentui(*arguments, "--print")
    unread = "notices can't be read, so nobody is told: `tokentui db check` names them"
    assert unread in preview.err
    assert unread in done.err
    assert (preview.status, done.status) == (0, 1)
    assert 10 < done.out.count("Whole was disabled") < len(added)
    assert "notices 700000" in tokentui("db", "check").out
    assert tokentui(*arguments, "--print").out == ""
