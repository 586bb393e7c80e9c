"""Commands on a database in which every text that anyone may have written tries to move the terminal."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui

HOSTILE = "\x1b[31m\x9b31m\x07\r\u202eevil\u2066\x7f\u2028"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
TEXTS = {
    "tokens": ("name", "external_id", "description", "owner", "created_by", "updated_by", "last_used_from"),
    "extensions": ("name", "code", "description"),
    "modules": ("name",),
    "secrets": ("created_by",),
    "audit": ("actor", "origin", "action"),
}
KEYS = {
    "tokens": ("extension_slug",),
    "token_modules": ("module_slug",),
    "extensions": ("slug",),
    "extension_modules": ("extension_slug", "module_slug"),
    "modules": ("slug",),
    "module_paths": ("prefix", "module_slug"),
}
"""Columns that tables are joined by: what is hostile is put in front of them."""


@pytest.fixture
def hostile(tokentui: Tokentui) -> str:
    """The ID of a token in such a database."""
    token_id: str = tokentui.make("--module", "usage", "--module", "helpdesk")["id"]
    with sqlite3.connect(tokentui.home / "tokens.db") as connection:
        for table, columns in TEXTS.items():
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = ?", (HOSTILE,))
        for table, columns in KEYS.items():
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = ? || {column}", (HOSTILE,))
        escaped = '{"name": ["\\u001b[31m", "\\u009b31m\\u202e"], "\\u001b[2J": [null, "\\u2066"]}'
        connection.execute("UPDATE audit SET changes = ?", (escaped,))
    connection.close()
    return token_id


def test_no_command_prints_what_a_terminal_obeys(tokentui: Tokentui, hostile: str, tmp_path: Path) -> None:
    """Tables, JSON, CSV, the catalogue, errors."""
    log = tmp_path / "\x1b[31m\x9b.log"
    log.write_text(f'{{"{HOSTILE}": 1}}\n', encoding="utf-8")
    for arguments in (
        ("list",), ("list", "-o", "wide"), ("list", "--json"), ("list", "--csv"), ("show", hostile),
        ("show", hostile, "--json"), ("export",),
        ("audit",), ("audit", "--json"), ("audit", hostile), ("catalog", "show"), ("catalog", "show", "--json"),
        ("key", hostile), ("key", hostile, "--json"), ("edit", hostile, "--module", "usage"),
        ("rotate", hostile), ("rotate", hostile, "--json"), ("renew", hostile, "--expires", "60d"), ("stats", hostile),
        ("disable", hostile), ("enable", hostile), ("delete", hostile, "--yes"), ("restore", hostile), ("db", "check"),
        ("doctor",), ("help", HOSTILE), ("list", HOSTILE), ("list", "--columns", HOSTILE),
        ("list", "--filter", f"status:{HOSTILE}"), ("list", "--sort", HOSTILE), ("show", HOSTILE),
        (HOSTILE,), ("list", f"--{HOSTILE}"), ("--db", f"/{HOSTILE}/x", "list"), ("--config", f"/{HOSTILE}", "list"),
        ("db", "backup", str(tmp_path / "\x1b[31m\x9b.db")), ("catalog", "import", str(log)),
        ("usage", "import", str(log)), ("usage", "import", str(log), "--json"), ("stats", "--days", HOSTILE),
        ("create", "--name", "x", "--module", HOSTILE), ("create", "--name", "x", "--extension", HOSTILE, "--json"),
    ):  # fmt: skip
        done = tokentui(*arguments)
        assert done.status in (0, 1, 2, 3), (arguments, done.err)
        for text in (done.out, done.err):
            assert not OBEYED.search(text), (arguments, text)


@pytest.mark.parametrize("networks", [HOSTILE, f"10.0.0.0/8 {HOSTILE}"])
def test_networks_that_are_none_are_told_of_safely(tokentui: Tokentui, networks: str) -> None:
    """By every command that reads a token; the message names it."""
    token_id = tokentui.make()["id"]
    with sqlite3.connect(tokentui.home / "tokens.db") as connection:
        connection.execute("UPDATE tokens SET networks = ?", (networks,))
    connection.close()
    for arguments in (
        ("list",), ("list", "-o", "wide"), ("list", "--json"), ("list", "--csv"), ("show", token_id), ("export",),
        ("show", token_id, "--json"), ("db", "check"), ("edit", token_id, "--name", "x"), ("disable", token_id),
    ):  # fmt: skip
        done = tokentui(*arguments)
        assert done.status in (0, 1, 3), (arguments, done.err)
        assert not OBEYED.search(done.out + done.err), (arguments, done.out, done.err)


def test_json_gives_back_what_the_database_holds(tokentui: Tokentui, hostile: str) -> None:
    assert tokentui("show", hostile, "--json").json["name"] == HOSTILE


@pytest.mark.parametrize("device", ["/dev/full", "/dev/zero", "/dev/null", "fifo", "large", "directory"])
def test_a_configuration_or_a_catalogue_is_a_file_of_a_stated_size(
    tokentui: Tokentui, tmp_path: Path, device: str
) -> None:
    """Neither is read for ever."""
    file = Path(device) if device.startswith("/") else tmp_path / device
    if device == "fifo":
        os.mkfifo(file)
    elif device == "large":
        file.write_bytes(b"#" * (1024 * 1024 + 1))
    elif device == "directory":
        file.mkdir()
    for arguments in (("--config", str(file), "list"), ("catalog", "import", str(file))):
        done = tokentui(*arguments)
        assert (done.status, done.out) == (2, "")
        assert done.err.count("\n") == 1
        assert "can't be read" in done.err


@pytest.mark.parametrize("name", ["", ".", "..", "/", "x" * 300, "a\0b"])
def test_a_name_that_no_file_can_have(tokentui: Tokentui, name: str) -> None:
    tokentui.make()
    for command in (("db", "backup"), ("demo", "--to")):
        done = tokentui(*command, name)
        assert (done.status, done.out) == (2, "")
        assert done.err.count("\n") == 1


def test_a_fault_of_the_program_is_one_line(tokentui: Tokentui, monkeypatch: pytest.MonkeyPatch) -> None:
    """`TOKENTUI_DEBUG` adds places in the code, never what was in them."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("".join(("a s", "ecret")))

    tokentui.make()
    monkeypatch.setattr("tokentui.audit.stream", fail)
    told: list[bytes] = []
    monkeypatch.setattr("tokentui.terminal.faults.os.write", lambda number, line: told.append(line))
    assert tokentui("audit").status == 70
    assert tokentui("audit", TOKENTUI_DEBUG="1").status == 70
    short, long = told
    assert short.count(b"\n") == 1
    assert b"test_hostile_texts.py" in long
    assert b"a secret" not in short + long
