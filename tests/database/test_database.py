"""Opened, read, written and killed: no change is half done, and none is lost unsaid."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.database.helpers import NO_WAIT, add, names, whole
from tokentui import migrations
from tokentui.database.change_mark import ChangeMark
from tokentui.database.database import Database, open_database
from tokentui.errors import DatabaseError, DatabaseLocked, ReadOnly


def test_a_password_is_in_no_message() -> None:
    for url in (
        "postgresql://alice:geheim@localhost:1/x",
        "nosuch://alice:geheim@host/x",
        "postgresql://a:geheim@b:c/x",
    ):
        with pytest.raises(DatabaseError) as raised:
            open_database(url)
        assert "geheim" not in str(raised.value)


def test_a_new_file_is_its_owner_s_alone(tmp_path: Path, opened: Callable[..., Database]) -> None:
    before = os.umask(0)  # nor does a loose mask open it to others
    try:
        database = opened(tmp_path / "tokens.db")
        add(database, "x")
    finally:
        os.umask(before)
    made = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert made == {"tokens.db": 0o600, "tokens.db-wal": 0o600, "tokens.db-shm": 0o600}
    assert database.name == "tokens.db"


def test_one_that_is_empty_becomes_a_database(tmp_path: Path, opened: Callable[..., Database]) -> None:
    (tmp_path / "tokens.db").write_bytes(b"")
    assert names(opened(tmp_path / "tokens.db")) == []


def test_where_it_can_t_be_made_nothing_is(tmp_path: Path) -> None:
    """No directory, a file in place of one, a directory in place of the file, a name too long."""
    (tmp_path / "file").write_bytes(b"")
    for name, said in (
        ("none/x.db", "there is no directory"), ("file/x.db", "can't be"), ("", "is a directory"),
        ("x" * 300, "too long"),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match=said):
            open_database(str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_is_not_committed_is_not_there(file: Path, opened: Callable[..., Database]) -> None:
    database = opened(file)
    add(database, "kept")
    add(database, "left", commit=False)
    with pytest.raises(DatabaseError):
        add(database, "failed", "failed")  # the second breaks a constraint
    assert names(database) == ["kept"]
    add(database, "after")  # the lock was given back


def test_a_read_sees_one_moment(file: Path, opened: Callable[..., Database]) -> None:
    reader, writer = opened(file), opened(file)
    with reader.read() as session:
        query = "SELECT count(*) FROM meta"
        assert session.connection().exec_driver_sql(query).scalar() == 0
        add(writer, "x")
        assert session.connection().exec_driver_sql(query).scalar() == 0
    assert names(reader) == ["x"]


def test_a_second_writer_waits_or_is_told(file: Path, opened: Callable[..., Database]) -> None:
    """One that is told says so before it has read anything to decide by; readers go on."""
    first, second = opened(file), opened(file, busy_timeout=NO_WAIT)
    with first.write() as session:
        with pytest.raises(DatabaseLocked, match="locked by another process: try again"), second.write():
            pytest.fail("two writers at once")
        assert names(second) == []
        session.connection().exec_driver_sql("INSERT INTO meta (name, value) VALUES ('first', x'00')")
        session.commit()
    add(second, "second")
    assert names(first) == ["first", "second"]

    waiting = opened(file, busy_timeout=timedelta(seconds=60))
    with first.write() as session:
        thread = threading.Thread(target=add, args=(waiting, "third"))
        thread.start()
        session.connection().exec_driver_sql("INSERT INTO meta (name, value) VALUES ('fourth', x'00')")
        session.commit()
    thread.join()
    assert names(first) == ["first", "fourth", "second", "third"]


def test_read_only_changes_not_a_byte(file: Path, opened: Callable[..., Database]) -> None:
    add(opened(file), "x")
    for suffix in ("", "-wal"):
        assert Path(f"{file}{suffix}").exists()
    before = {path.name: path.read_bytes() for path in file.parent.iterdir() if not path.name.endswith("-shm")}
    database = opened(file, read_only=True)
    assert names(database) == ["x"]
    with pytest.raises(ReadOnly), database.write():
        pytest.fail("a write was let through")
    with pytest.raises(DatabaseError, match="can't be written"), database.read() as session:
        session.connection().exec_driver_sql("DELETE FROM meta")
    assert {path.name: path.read_bytes() for path in file.parent.iterdir() if not path.name.endswith("-shm")} == before


def test_read_only_makes_and_upgrades_nothing(tmp_path: Path, file: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database"):
        open_database(str(tmp_path / "none.db"), read_only=True)
    assert not (tmp_path / "none.db").exists()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM alembic_version")  # as before the first migration
        connection.commit()
    with pytest.raises(DatabaseError, match="open it once without --read-only"):
        open_database(str(file), read_only=True)


def test_one_that_was_removed_is_an_error_and_not_made_anew(file: Path, opened: Callable[..., Database]) -> None:
    """A pooled connection still has it open: what it wrote there would be lost with the key that was handed out."""
    database = opened(file)
    add(database, "x")
    for path in file.parent.iterdir():
        path.unlink()
    with pytest.raises(DatabaseError, match="can't be opened"):
        names(database)
    with pytest.raises(DatabaseError, match="can't be opened"):
        add(database, "y")
    assert not list(file.parent.iterdir())


def test_one_that_was_replaced_is_read_and_written_from_then_on(file: Path, opened: Callable[..., Database]) -> None:
    """By a copy from the backup, say."""
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    add(opened(copy), "of the copy")
    opened(copy).close()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database, mark = opened(file), ChangeMark(file)
    add(database, "of the first")
    before = mark.value()
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink()
    copy.replace(file)
    assert mark.value() != before
    mark.close()
    assert names(database) == ["of the copy"]
    add(database, "y")
    assert names(opened(file)) == ["of the copy", "y"]
    assert whole(file)


PREPARE = """
import sys
from tokentui.database.database import open_database
from tokentui.migrations import new_file

def stop():
    print("half way", flush=True)
    sys.stdin.read()

"""
WRITING = (
    PREPARE
    + """
database = open_database(sys.argv[1])
with database.write() as session:
    for number in range(2000):
        insert = "INSERT INTO meta (name, value) VALUES (?, zeroblob(4000))"
        session.connection().exec_driver_sql(insert, (f"n{number}",))
    stop()
"""
)
UPGRADING = (
    PREPARE
    + """
create = new_file.create
new_file.create = lambda connection: (create(connection), stop())
open_database(sys.argv[1])
"""
)


def killed_half_way(code: str, file: Path) -> None:
    """Runs a program on a file until it says that it is half way, and kills it there."""
    program = subprocess.Popen([sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdout is not None
    assert program.stdout.readline() == b"half way\n"
    program.send_signal(signal.SIGKILL)
    program.communicate()


def test_one_that_is_killed_while_it_writes_leaves_nothing_half_done(
    file: Path, opened: Callable[..., Database]
) -> None:
    """Also of what had reached the disk: 8 MB are more than SQLite keeps in memory."""
    add(opened(file), "before")
    killed_half_way(WRITING, file)
    assert Path(f"{file}-wal").stat().st_size > 1_000_000
    database = opened(file, busy_timeout=NO_WAIT)  # its lock went with it
    assert names(database) == ["before"]
    add(database, "after")
    assert names(database) == ["after", "before"]
    assert whole(file)


def test_one_that_is_killed_while_it_makes_the_schema_leaves_none(
    tmp_path: Path, opened: Callable[..., Database]
) -> None:
    file = tmp_path / "tokens.db"
    killed_half_way(UPGRADING, file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database = opened(file)
    with database.read() as session:
        version = session.connection().exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert version == migrations.HEAD
