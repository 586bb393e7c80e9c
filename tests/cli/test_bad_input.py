"""What is wrong gets one clear line and its exit status, and nothing is written."""

from __future__ import annotations

import base64
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui, full, left_pipe


def refused(tokentui: Tokentui, status: int, *arguments: str, stdin: str = "", **environment: str) -> str:
    """Runs a command that must be refused with this status in one line; returns the line."""
    done = tokentui(*arguments, stdin=stdin, **environment)
    assert done.status == status, (done.out, done.err)
    assert done.out == ""
    assert done.err.startswith("tokentui: ")
    assert done.err.count("\n") == 1
    assert done.err.isprintable() or "\x1b" not in done.err
    assert "Traceback" not in done.err
    return done.err


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "a\x1b[31mb",
        "a\u202eb",
        "a\u200fb",
        "a\nb",
        "a\tb",
        "x" * 129,
        "x" * 10_000,
        "a\u2028b",
        "\x7f",
        "a\x9bb",
    ],
)
def test_names_that_are_refused(tokentui: Tokentui, name: str) -> None:
    """Empty, controls, marks that turn text around, too long."""
    line = refused(tokentui, 2, "create", "--name", name, "--all-modules")
    assert "name" in line
    assert len(line) < 300
    assert tokentui("list", "--json").json == []


@pytest.mark.parametrize("name", ["[red]x[/]", "令牌 名前", "\u00e9tude", "👩‍💻", "a'b\"c;--", "$(reboot)", "x" * 128])
def test_names_that_are_text(tokentui: Tokentui, name: str) -> None:
    """Markup, wide and combining characters are kept as they are and shown as they are."""
    made = tokentui.make(name=name)
    assert made["name"] == name
    assert tokentui("show", made["id"], "--json").json["name"] == name
    assert name[:20] in tokentui("list").out


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-02-30", "exist"),
        ("2020-01-01", "past"),
        ("0d", "past"),
        ("tomorrow", "not a time"),
        ("2027-03-28T02:30", "clocks"),
        ("2027-13-01", "exist"),
        ("99999999w", "far"),
        ("", "not a time"),
        ("9999-12-31", "far"),
        ("12", "not a time"),
    ],
)
def test_moments_that_are_refused(tokentui: Tokentui, when: str, said: str) -> None:
    """Dates that don't exist, the past, a gap of daylight saving, nonsense."""
    line = refused(tokentui, 2, "create", "--name", "x", "--all-modules", "--expires", when)
    assert said in line
    assert tokentui("list", "--json").json == []


def test_max_lifetime(tokentui: Tokentui, tmp_path: Path) -> None:
    """Longer ones and never are refused, on create, rotate and renew."""
    config = tmp_path / "config.toml"
    config.write_text('max_lifetime = "90d"\n', encoding="utf-8")
    named = ("--config", str(config))
    for when in ("91d", "never"):
        assert "max_lifetime" in refused(
            tokentui, 2, *named, "create", "--name", "x", "--all-modules", "--expires", when
        )
    token_id = tokentui.make()["id"]
    assert "max_lifetime" in refused(tokentui, 2, *named, "renew", token_id, "--expires", "91d")
    assert "max_lifetime" in refused(tokentui, 2, *named, "rotate", token_id, "--expires", "never")


def test_permissions_and_extensions(tokentui: Tokentui) -> None:
    """Unknown, none, both."""
    assert "nosuch" in refused(tokentui, 2, "create", "--name", "x", "--module", "nosuch")
    assert "module" in refused(tokentui, 2, "create", "--name", "x")
    assert "both" in refused(tokentui, 2, "create", "--name", "x", "--module", "usage", "--all-modules")
    assert "nosuch" in refused(tokentui, 2, "create", "--name", "x", "--extension", "nosuch", "--all-modules")
    assert "network" in refused(tokentui, 2, "create", "--name", "x", "--all-modules", "--allow-network", "10.0.0.0/99")
    assert tokentui("list", "--json").json == []


def test_ids(tokentui: Tokentui) -> None:
    """Malformed: 2; unknown: 1. An edit of nothing is 2."""
    token_id = tokentui.make()["id"]
    for command in ("show", "key", "rotate"):
        refused(tokentui, 2, command, "SU-1")
        refused(tokentui, 1, command, "SU-000-000-000")
    refused(tokentui, 2, "show", "\x1b[31m")
    refused(tokentui, 2, "edit", token_id)
    refused(tokentui, 2, "nosuchcommand")
    refused(tokentui, 2, "list", "--nosuchoption")


def test_states_that_do_not_allow_it(tokentui: Tokentui) -> None:
    """Renew a perpetual token, enable one that is not disabled, anything on a deleted one, enable an expired one."""
    forever = tokentui.make("--expires", "never")["id"]
    assert "never expires" in refused(tokentui, 1, "renew", forever, "--expires", "30d")
    assert "not disabled" in refused(tokentui, 1, "enable", forever)
    short = tokentui.make("--expires", "1s", name="Short")["id"]
    while tokentui("show", short, "--json").json["status"] != "expired":
        time.sleep(0.1)  # the command has a clock of its own: its state is waited for
    assert "expired" in refused(tokentui, 1, "enable", short)
    assert "expired" in refused(tokentui, 1, "rotate", short)
    tokentui("delete", forever, "--yes")
    for arguments in (("key", forever), ("rotate", forever), ("edit", forever, "--name", "x"), ("disable", forever)):
        assert "deleted" in refused(tokentui, 1, *arguments)


def test_a_wrong_or_missing_master_key_changes_nothing(tokentui: Tokentui) -> None:
    """Exit status 4; reading still works."""
    token_id = tokentui.make()["id"]
    before = tokentui("audit", "--json").out
    wrong = base64.b64encode(os.urandom(32)).decode()
    create = ("create", "--name", "x", "--all-modules")
    for arguments in (create, ("key", token_id), ("rotate", token_id), ("renew", token_id, "--expires", "5d")):
        refused(tokentui, 4, *arguments, TOKENTUI_MASTER_KEY=wrong)
        refused(tokentui, 4, *arguments, TOKENTUI_MASTER_KEY="not base64")
        refused(tokentui, 4, *arguments, TOKENTUI_MASTER_KEY_FILE=str(tokentui.home / "nothing.key"))
    assert not (tokentui.home / "nothing.key").exists()
    refused(tokentui, 4, "verify", stdin="SU-000-000-000:x", TOKENTUI_MASTER_KEY=wrong)
    (tokentui.home / "master.key").rename(tokentui.home / "moved.key")
    refused(tokentui, 4, "key", token_id)
    assert not (tokentui.home / "master.key").exists()
    assert tokentui("audit", "--json").out == before
    assert len(tokentui("list", "--json").json) == 1
    assert tokentui("stats", "--json").status == 0


def test_a_newer_schema_is_left_untouched(tokentui: Tokentui) -> None:
    """Exit status 3, and not a byte changed."""
    tokentui.make()
    file = tokentui.home / "tokens.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    assert "newer" in refused(tokentui, 3, "list")
    refused(tokentui, 3, "create", "--name", "x", "--all-modules")
    refused(tokentui, 3, "db", "upgrade")
    assert file.read_bytes() == before


def test_files_that_are_no_database(tokentui: Tokentui, tmp_path: Path) -> None:
    """Text, another program's database, a truncated one, a directory that is not there."""
    text = tmp_path / "text.db"
    text.write_text("hello " * 100, encoding="utf-8")
    refused(tokentui, 3, "--db", str(text), "list")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE cats (name)")
    connection.close()
    refused(tokentui, 3, "--db", str(other), "list")
    refused(tokentui, 3, "--db", str(tmp_path / "no/where.db"), "list")
    refused(tokentui, 3, "--db", str(tmp_path), "list")
    refused(tokentui, 3, "--db", "nosuch://x", "list")
    tokentui.make()
    whole = tokentui.home / "tokens.db"
    whole.write_bytes(whole.read_bytes()[:5000])
    refused(tokentui, 3, "list")


def test_a_database_that_is_locked_for_too_long(tokentui: Tokentui, tmp_path: Path) -> None:
    """Exit status 3 after the busy timeout; reading goes on."""
    tokentui.make()
    config = tmp_path / "config.toml"
    config.write_text('busy_timeout = "1s"\n', encoding="utf-8")
    connection = sqlite3.connect(tokentui.home / "tokens.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    line = refused(tokentui, 3, "--config", str(config), "create", "--name", "x", "--all-modules")
    assert "locked" in line
    assert len(tokentui("--config", str(config), "list", "--json").json) == 1
    connection.execute("ROLLBACK")
    connection.close()
    assert tokentui("create", "--name", "x", "--all-modules").status == 0


def test_read_only(tokentui: Tokentui) -> None:
    """Nothing is written; looking works; a database that is not there is not made."""
    absent = Tokentui(tokentui.home.with_name("absent"))
    refused(absent, 3, "--read-only", "list")
    assert not absent.home.exists()
    token_id = tokentui.make()["id"]
    refused(tokentui, 1, "--read-only", "disable", token_id)
    refused(tokentui, 1, "create", "--name", "x", "--all-modules", TOKENTUI_READ_ONLY="1")
    assert len(tokentui("--read-only", "list", "--json").json) == 1


def test_configuration(tokentui: Tokentui, tmp_path: Path) -> None:
    """An unknown key names the nearest; a wrong value says what is expected."""
    config = tmp_path / "config.toml"
    for text, said in (
        ("max_lifetme = '1d'", "max_lifetime"),
        ("read_only = 'yes'", "bool"),
        ("max_lifetime = 'long'", "duration"),
        ("proxy = 'apache'", "nginx"),
        ("keys = 3", "table"),
        ("= 3", "TOML"),
    ):
        config.write_text(text, encoding="utf-8")
        assert said in refused(tokentui, 2, "--config", str(config), "list")
    refused(tokentui, 2, "--config", str(tmp_path / "none.toml"), "list")


def test_errors_as_json(tokentui: Tokentui) -> None:
    """On standard output too, with a code."""
    done = tokentui("show", "SU-000-000-000", "--json")
    assert (done.status, done.json["error"]["code"]) == (1, "no-such-token")
    assert done.err.startswith("tokentui: ")


def test_secrets_are_in_no_file_and_modes_are_private(tokentui: Tokentui) -> None:
    """After a whole life: database, WAL, journal, anything else in the home."""
    made = tokentui.make()
    keys = [made["key"], *(tokentui("rotate", made["id"], "--overlap", "1h").key for _ in range(2))]
    tokentui("key", made["id"])
    files = [file for file in tokentui.home.rglob("*") if file.is_file()]
    assert {"tokens.db", "master.key"} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        for key in keys:
            secret = key.split(":")[1]
            assert secret.encode() not in content
            assert bytes.fromhex(secret) not in content
        assert file.stat().st_mode & 0o077 == 0, file
    assert tokentui.home.stat().st_mode & 0o777 == 0o700


def test_the_process_itself(tokentui: Tokentui) -> None:
    """Exit status and streams of the real thing, once each."""
    made = tokentui.spawn("create", "--name", "x", "--all-modules")
    assert made.status == 0
    assert tokentui.spawn("key", made.key[:14]).out.strip() == made.key
    assert tokentui.spawn("show", "SU-000-000-000").status == 1
    assert tokentui.spawn("create", "--name", "").status == 2
    assert tokentui.spawn("--db", "/no/where.db", "list").status == 3
    assert tokentui.spawn("key", made.key[:14], TOKENTUI_MASTER_KEY="x").status == 4
    assert tokentui.spawn("verify", stdin=made.key).status == 0


def test_what_is_written_to(tokentui: Tokentui) -> None:
    """Who reads no further is no error; a full disk is one line: also at the end of the process, for one of them."""
    tokentui.make()
    line = "tokentui: the result can't be written (No space left on device): free some space\n"
    for command in ("list --json", "stats", "audit --json", "catalog show"):
        with left_pipe() as pipe:
            done = tokentui.with_streams(*command.split(), stdout=pipe)
        assert (done.status, done.err) == (0, "")
        with full() as disk:
            done = tokentui.with_streams(*command.split(), stdout=disk)
        assert (done.status, done.err) == (1, line)
    for output, expected in ((left_pipe, (0, "")), (full, (1, line))):
        run = [sys.executable, "-m", "tokentui", "list", "--json"]
        with output() as stdout:
            own = subprocess.run(run, env=tokentui.environment, stdout=stdout, stderr=subprocess.PIPE, text=True)
        assert (own.returncode, own.stderr) == expected


@pytest.mark.parametrize("group", ["usage", "catalog", "db"])
def test_a_group_alone(tokentui: Tokentui, group: str) -> None:
    """Its help, as it is for a person; wrong usage all the same."""
    done = tokentui(group)
    assert (done.status, done.out) == (2, "")
    assert "\nCommands:\n" in done.err


def test_verify_asks_for_an_address(tokentui: Tokentui) -> None:
    key = tokentui.make()["key"]
    for wrong in ("10.0.0.0/8", "bogus", "", "1.2.3.4.5"):
        done = tokentui("verify", "--ip", wrong, stdin=key)
        assert (done.status, done.out) == (2, "")
        assert "is not an address" in done.err


def test_names_in_a_catalogue(tokentui: Tokentui, tmp_path: Path) -> None:
    """They go into headers and onto terminals."""
    for name, said in (("C\\u001b[31m", "(U+001B)"), ("x" * 129, "128 characters"), ("a\\nb", "(U+000A)")):
        file = tmp_path / "catalog.toml"
        file.write_text(f'module = [{{slug = "a", name = "{name}", paths = ["/a"]}}]\nextension = []\n')
        done = tokentui("catalog", "import", str(file))
        assert done.status == 2
        assert said in done.err


def test_a_base_path_that_matches_nothing(tokentui: Tokentui, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for wrong in ("public/v1", "https://x/y", "/public%2fv1", "/a/../b", "/a?b", "//a"):
        file.write_text(f'base_path = "{wrong}"\n')
        done = tokentui("--config", str(file), "list")
        assert done.status == 2
        assert "base_path" in done.err
    for right in ("", "/", "/public/v1", "/public/v1/", "/ä"):
        file.write_text(f'base_path = "{right}"\n')
        assert tokentui("--config", str(file), "list").status == 0
