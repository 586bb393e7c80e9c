"""A file that is replaced, moved or missing, as a gate that has it open sees it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.gate.helpers import header, unavailable, until
from tokentui.context import Context
from tokentui.database.database import open_database
from tokentui.gate import Gate
from tokentui.gate.store.sqlite import SqliteConnection
from tokentui.operations import backup
from tokentui.records import Action, Issued
from tokentui.tokens import bulk

pytestmark = pytest.mark.sqlite


def test_a_restored_copy(gate: Gate, context: Context, issued: Issued, tmp_path: Path) -> None:
    """A file that takes the name is another database, whatever its epoch."""
    right = header(issued)
    assert gate.verify(right).allowed
    path = context.database.path
    assert path is not None
    copy = tmp_path / "copy.db"
    backup.backup(context, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:  # closed, so that all is in the one file
        other.execute("UPDATE tokens SET disabled_at = 1")
        other.execute("UPDATE epoch SET value = value - 1")
    context.database.close()
    shutil.copy(copy, tmp_path / "moved.db")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(tmp_path / "moved.db", path)
    until(lambda: gate.verify(right).reason == "disabled", time.monotonic())


def test_a_missing_file_lets_nobody_in(gate: Gate, context: Context, issued: Issued) -> None:
    """Neither does what was cached."""
    assert gate.verify(header(issued)).allowed
    assert context.database.path is not None
    context.database.path.rename(context.database.path.with_name("away"))
    until(lambda: unavailable(gate, header(issued)), time.monotonic())
    assert unavailable(gate, header(issued))
    context.database.path.with_name("away").rename(context.database.path)
    assert gate.verify(header(issued)).allowed


def _delete_index(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()


def _replace_by_link(path: Path) -> None:
    (path.parent / "data").mkdir()
    path.rename(path.parent / "data" / path.name)
    path.symlink_to(path.parent / "data" / path.name)


@pytest.mark.parametrize("change", [_delete_index, _replace_by_link])
def test_a_stale_wal_index_is_opened_again(
    gate: Gate, context: Context, issued: Issued, change: Callable[[Path], None], open_as: Callable[..., Context]
) -> None:
    """Once is refused to all, then everything is opened anew, and changes are seen again."""
    path = context.database.path
    assert path is not None
    assert gate.verify(header(issued)).allowed
    with closing(sqlite3.connect(str(path))) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    change(path)
    until(lambda: unavailable(gate, header(issued)), time.monotonic())
    assert gate.verify(header(issued)).allowed
    with closing(sqlite3.connect(str(path), isolation_level=None)) as other:
        other.execute("UPDATE tokens SET disabled_at = 1")
        for _ in range(3):
            assert gate.verify(header(issued)).reason == "disabled"


def test_a_link_next_to_another_index(context: Context, issued: Issued, tmp_path: Path) -> None:
    """The index is the one next to the file, as for SQLite, whatever lies next to the link."""
    assert context.database.path is not None
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "tokens.db"
    link.symlink_to(context.database.path)
    Path(f"{link}-shm").write_bytes(bytes(32768))
    database = open_database(str(link))
    gate = Gate.from_context(Context(database, context.settings, context.actor, clock=context.clock, environ={}))
    for _ in range(3):
        assert gate.verify(header(issued)).allowed
    bulk.apply(context, Action.DISABLE, [issued.token.id])
    assert gate.verify(header(issued)).reason == "disabled"
    gate.close()
    database.close()


def test_a_signal_between_two_steps_hides_no_change(
    gate: Gate, context: Context, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a signal comes between two steps, the next request sees the change."""

    class Interrupted(BaseException):
        pass

    rows = SqliteConnection.rows

    def interrupted(self: SqliteConnection, statement: str, *parameters: int) -> object:
        raise Interrupted

    for turn in range(4):
        for _ in range(3):
            assert gate.verify(header(issued)).allowed is (turn % 2 == 0)
        bulk.apply(context, Action.ENABLE if turn % 2 else Action.DISABLE, [issued.token.id])
        with monkeypatch.context() as patch:
            patch.setattr(SqliteConnection, "rows", interrupted)
            with pytest.raises(Interrupted):
                gate.verify(header(issued))
        assert SqliteConnection.rows is rows
