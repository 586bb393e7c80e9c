"""`tokentui db restore`, whatever is in the database's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui


def cut(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:9000])


def overwritten(database: Path) -> None:
    """Its head is whole, and so it can be opened; its pages are not."""
    content = bytearray(database.read_bytes())
    content[8192:-4096] = b"\xff" * (len(content) - 12288)
    database.write_bytes(content)


def no_database(database: Path) -> None:
    database.write_text("hello " * 1000)


@pytest.mark.parametrize("damage", [None, Path.unlink, cut, overwritten, no_database])
@pytest.mark.parametrize("stale_wal", [False, True])
def test_a_backup_is_put_back(tokentui: Tokentui, tmp_path: Path, damage: object, stale_wal: bool) -> None:
    """Also where the database can't be opened any more; what was there is kept as it was, and the audit says so."""
    made = tokentui.make(name="kept")
    backup = tmp_path / "backup.db"
    assert tokentui("db", "backup", str(backup)).status == 0
    tokentui.make(name="undone")
    database = tokentui.home / "tokens.db"
    if callable(damage):
        damage(database)
    if stale_wal and damage is not None:
        Path(f"{database}-wal").write_bytes(b"stale")
    before = database.read_bytes() if database.exists() else None
    done = tokentui("db", "restore", str(backup), "--json")
    assert done.status == 0, done.err
    assert done.json["file"] == str(backup)
    assert (done.json["kept"] is None) == (before is None)
    if damage is not None and before is not None:
        assert Path(done.json["kept"]).read_bytes() == before
    assert [token["name"] for token in tokentui("list", "--json").json] == ["kept"]
    assert tokentui("verify", stdin=made["key"]).status == 0
    assert tokentui("db", "check").status == 0
    entry = tokentui("audit", "--json").json[0]
    assert (entry["action"], entry["token"], entry["changes"]) == (
        "restore-database",
        None,
        {"file": [None, "backup.db"]},
    )
    heads, newest, *_ = tokentui("audit").out.splitlines()
    assert newest[heads.index("WHAT") :].startswith("restore-database")
    assert newest[heads.index("TOKEN")] == "—"
    assert database.stat().st_mode & 0o777 == 0o600
    assert not list(tokentui.home.glob(".tokens.db*"))


@pytest.mark.parametrize("damage", [None, Path.unlink, no_database])
def test_what_must_not_be_put_back_changes_nothing(tokentui: Tokentui, tmp_path: Path, damage: object) -> None:
    """No backup, another master key, a program that only reads."""
    tokentui.make()
    backup, text = tmp_path / "backup.db", tmp_path / "text"
    tokentui("db", "backup", str(backup))
    text.write_text("hello " * 1000)
    database = tokentui.home / "tokens.db"
    if callable(damage):
        damage(database)
    files = {file.name: file.read_bytes() for file in tokentui.home.iterdir() if not file.name.endswith("-shm")}
    assert tokentui("db", "restore", str(text)).status == 3
    assert tokentui("db", "restore", str(tmp_path / "none")).status == 3
    assert tokentui("--read-only", "db", "restore", str(backup)).status != 0
    other = tmp_path / "other.key"
    other.write_bytes(b"k" * 32)
    other.chmod(0o600)
    assert tokentui("db", "restore", str(backup), TOKENTUI_MASTER_KEY_FILE=str(other)).status == 4
    assert {file.name: file.read_bytes() for file in tokentui.home.iterdir() if not file.name.endswith("-shm")} == files
