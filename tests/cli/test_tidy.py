"""`tokentui tidy`, and what `doctor` says of tokens outside of the policy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Tokentui


def age(tokentui: Tokentui, token_id: str, days: int) -> None:
    """Lets a token have been made, and never used, so many days ago."""
    made = datetime.now(UTC) - timedelta(days=days)
    number = int(token_id[3:].replace("-", ""))
    with closing(sqlite3.connect(tokentui.home / "tokens.db")) as database:
        database.execute("UPDATE tokens SET created_at = ? WHERE id = ?", (int(made.timestamp() * 1e6), number))
        database.commit()


@pytest.fixture
def idle(tokentui: Tokentui) -> str:
    """The ID of a token that nobody has used for 100 days, beside a new one."""
    token_id: str = tokentui.make("--expires", "never", name="Idle")["id"]
    tokentui.make(name="New")
    age(tokentui, token_id, 100)
    return token_id


def test_it_shows_first_and_disables_then(tokentui: Tokentui, idle: str) -> None:
    """As the other commands for many: `--yes` without a terminal, the same JSON, an entry of the audit."""
    assert tokentui("tidy").status == 2
    assert tokentui("tidy", "--unused", "0").status == 2
    refused = tokentui("tidy", "--unused", "90d")
    assert (refused.status, refused.out) == (2, "")
    assert tokentui("tidy", "--unused", "90d", "--dry-run").out == f"{idle} would be disabled\n"
    dry = tokentui("tidy", "--unused", "90d", "--dry-run", "--json")
    assert dry.json == {"planned": [idle], "done": [], "refused": []}
    assert tokentui("show", idle, "--json").json["status"] == "active"
    done = tokentui("tidy", "--unused", "90d", "--yes", "--json")
    assert (done.status, done.json) == (0, {"done": [idle], "refused": []})
    assert tokentui("audit", idle, "--json").json[0]["action"] == "disable"
    assert tokentui("tidy", "--unused", "90d", "--yes").out == "Nothing to tidy\n"
    tokentui("enable", idle)
    assert tokentui("tidy", "--unused", "90d", "--yes", "--json").json == {"done": [], "refused": []}


def test_doctor_lists_what_is_outside_of_the_policy(tokentui: Tokentui, idle: str) -> None:
    """A finding for each rule, with what to do; `max_unused` is what `tidy` goes by."""
    config = tokentui.home / "config.toml"
    config.write_text('require_owner = true\nrequire_expiry = true\nmax_unused = "90d"\n', encoding="utf-8")
    findings = tokentui("--config", str(config), "doctor").out + tokentui("--config", str(config), "doctor").err
    for said in (f"1 token without an expiry (require_expiry): {idle}", "2 tokens without an owner", "tokentui tidy"):
        assert said in findings
    assert "policy" in tokentui("doctor").out
    named = ("--config", str(config), "tidy", "--yes", "--json")
    assert tokentui(*named).json == {"done": [idle], "refused": []}
    refused = tokentui("--config", str(config), "create", "--name", "x", "--all-modules")
    assert (refused.status, "require_owner" in refused.err) == (2, True)
