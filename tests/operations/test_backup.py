"""A backup put back: what was there is kept, and whoever has the database open goes on with what is there now."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.errors import DatabaseError, MasterKeyError
from tokentui.gate import Gate
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec
from tokentui.operations.backup import backup, restore
from tokentui.records import Action
from tokentui.tokens import bulk

pytestmark = pytest.mark.sqlite


def names(context: Context) -> list[str]:
    return sorted(token.name for token in pages.page(context, ListSpec()))


def test_running_apps_and_gates_follow(context: Context, open_as: Callable[..., Context], tmp_path: Path) -> None:
    """Also a gate that keeps answers, and whose database gets as many changes as it had before."""
    issued = make_token(context, "kept")
    assert issued.key is not None
    copy = tmp_path / "backup.db"
    backup(context, copy)
    make_token(context, "undone")
    running = open_as()
    gate = Gate.from_context(open_as())
    header = f"ApiKey {issued.key.text}"
    assert gate.verify(header).allowed
    restored = restore(context, copy)
    assert restored.kept is not None
    assert names(running) == names(context) == ["kept"]
    assert gate.verify(header).allowed
    bulk.apply(running, Action.DISABLE, [issued.token.id])
    assert gate.verify(header).reason == "disabled"
    make_token(running, "after")
    assert "after" in names(context)
    with closing(sqlite3.connect(restored.kept)) as kept:
        assert kept.execute("SELECT name FROM tokens ORDER BY name").fetchall() == [("kept",), ("undone",)]
    assert restored.kept.name.endswith(".before-restore-20261124T093000Z")
    assert not [file.name for file in restored.kept.parent.iterdir() if file.name.startswith(".")]


def test_the_wal_of_one_that_was_killed_is_not_replayed(context: Context, tmp_path: Path) -> None:
    """Its commits stand in the WAL alone: they are what the restore undoes."""
    make_token(context, "kept")
    copy = tmp_path / "backup.db"
    backup(context, copy)
    make_token(context, "undone")
    assert context.database.path is not None
    wal = Path(f"{context.database.path}-wal")
    assert wal.stat().st_size > 0
    restore(context, copy)
    context.database.close()
    assert not wal.exists() or wal.stat().st_size == 0
    assert names(context) == ["kept"]


@pytest.mark.parametrize("content", [b"", b"hello " * 100, b"SQLite format 3\x00" * 400])
def test_what_is_no_backup_changes_nothing(context: Context, tmp_path: Path, content: bytes) -> None:
    make_token(context, "kept")
    copy = tmp_path / "backup.db"
    copy.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"damaged"):
        restore(context, copy)
    assert names(context) == ["kept"]
    assert not list(context.settings.home.glob("*restore*"))


def test_a_backup_that_is_damaged_or_of_another_key_changes_nothing(context: Context, tmp_path: Path) -> None:
    make_token(context, "kept")
    copy = tmp_path / "backup.db"
    backup(context, copy)
    cut = tmp_path / "cut.db"
    cut.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    with pytest.raises(DatabaseError, match="damaged"):
        restore(context, cut)
    other = tmp_path / "other.db"
    shutil.copy(copy, other)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("UPDATE meta SET value = x'00' WHERE name = 'key_check'")
        connection.commit()
    with pytest.raises(MasterKeyError, match="another master key"):
        restore(context, other)
    assert names(context) == ["kept"]
    assert not list(context.settings.home.glob("*restore*"))


def test_the_database_itself_is_no_backup(context: Context) -> None:
    assert context.database.path is not None
    with pytest.raises(DatabaseError, match="the database itself"):
        restore(context, context.database.path)


def test_a_place_where_no_backup_can_be(context: Context, tmp_path: Path) -> None:
    """Said without the name of the draft that it is written to first."""
    make_token(context)
    (tmp_path / "file").touch()
    for folder, said in (("none", "there is no directory"), ("file", "can't be written: Not a directory")):
        with pytest.raises(DatabaseError) as raised:
            backup(context, tmp_path / folder / "copy.db")
        assert said in f"{raised.value.message}: {raised.value.hint}"
        assert ".copy.db" not in f"{raised.value.message}: {raised.value.hint}"
