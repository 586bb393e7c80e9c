"""`leaks`: where keys stand, which are live, and what it never prints."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui
from tokentui.crypto.key_format import new_key


def test_live_keys_are_named_and_never_printed(tokentui: Tokentui, tmp_path: Path) -> None:
    """`PATH:LINE ID status`; 1 where one is live, 0 where none is."""
    live = tokentui.make(name="Live")
    stopped = tokentui.make(name="Stopped")
    tokentui("rotate", stopped["id"])
    unknown = new_key(5)
    log = tmp_path / "app.log"
    log.write_text(f"first\nAuthorization: ApiKey {live['key']}\n{stopped['key']} {unknown.text}\n")
    done = tokentui("leaks", str(log))
    assert done.status == 1
    assert done.out.splitlines() == [
        f"{log}:2 {live['id']} active",
        f"{log}:3 {stopped['id']} stopped",
        f"{log}:3 SU-000-000-005 unknown",
    ]
    assert f"tokentui disable {live['id']}" in done.err
    for key in (live["key"], stopped["key"], unknown.text):
        assert key[15:] not in done.out + done.err
    as_json = tokentui("leaks", str(log), "--json")
    assert json.loads(as_json.out)[0] == {
        "path": str(log), "line": 2, "id": live["id"], "status": "active", "live": True
    }  # fmt: skip
    log.write_text(stopped["key"])
    assert tokentui("leaks", str(log)).status == 0


def test_tokens_of_live_keys_are_disabled_when_asked(tokentui: Tokentui, tmp_path: Path) -> None:
    """With --yes; without a terminal it is needed."""
    live = tokentui.make()
    log = tmp_path / "log"
    log.write_text(live["key"] * 2)
    assert tokentui("leaks", "--disable", str(log)).status == 2
    assert tokentui("show", live["id"], "--json").json["status"] == "active"
    done = tokentui("leaks", "--disable", "--yes", str(log))
    assert (done.status, done.err) == (1, "1 token disabled\n")
    assert tokentui("show", live["id"], "--json").json["status"] == "disabled"
    assert tokentui("leaks", str(log)).out == f"{log}:1 {live['id']} disabled\n" * 2


def test_keys_of_another_system_are_told_to_be_left_out(tokentui: Tokentui, tmp_path: Path) -> None:
    """But one of our own format is found, though only its SHA-256 is known."""
    own, log = new_key(1), tmp_path / "log"
    digest = hashlib.sha256(own.text.encode()).hexdigest()
    lines = [
        {"name": "Other", "key": "an-old-key-of-theirs", "permissions": "*"},
        {"name": "Ours", "id": "SU-000-000-001", "sha256": digest, "permissions": "*"},
    ]
    assert tokentui("import", "-", stdin="\n".join(map(json.dumps, lines))).status == 0
    log.write_text(f"an-old-key-of-theirs {own.text}")
    done = tokentui("leaks", str(log))
    assert (done.status, done.out) == (1, f"{log}:1 SU-000-000-001 active\n")
    assert "2 keys of another system can't be looked for" in done.err


def test_paths_that_can_not_be_read(tokentui: Tokentui, tmp_path: Path) -> None:
    """Each is told, and the exit status says that not everything was looked at."""
    name = tmp_path / "miss\x1b[31ming"
    done = tokentui("leaks", str(name))
    assert done.status == 2
    assert "No such file" in done.err
    assert "\x1b" not in done.err
    assert tokentui("leaks").status == 2


def test_the_master_key_is_needed(tokentui: Tokentui, tmp_path: Path) -> None:
    """Whatever checks a key needs it."""
    tokentui.make()
    (tokentui.home / "master.key").unlink()
    (tmp_path / "log").write_text(new_key(1).text)
    assert tokentui("leaks", str(tmp_path / "log")).status == 4


@pytest.mark.parametrize(("scanner", "words"), [("gitleaks", 'id = "tokentui-api-key"'), ("partner", '"test_token"')])
def test_rules_for_other_scanners(tokentui: Tokentui, scanner: str, words: str) -> None:
    """Without a database."""
    (tokentui.home / "tokens.db").unlink()
    done = tokentui("leaks", "--rules", scanner)
    assert done.status == 0
    assert words in done.out
    assert not (tokentui.home / "tokens.db").exists()
