"""Commands on a database with rows that hold what the program never writes."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Tokentui
from tests.damage import add_damaged_rows


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


@pytest.mark.parametrize("arguments", [("stats",), ("doctor",), ("catalog", "show"), ("list", "--sort", "status")])
def test_no_command_ends_in_a_fault(damaged: Tokentui, arguments: tuple[str, ...]) -> None:
    assert damaged(*arguments).status in (0, 1)
