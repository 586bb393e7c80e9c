"""The database file: made for its owner alone, and whatever happens to it, no change is half done or lost unsaid."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tokentui import migrations
from tokentui.database.change_mark import ChangeMark
from tokentui.database.database import Database, open_database
from tokentui.database.url import parse_url
from tokentui.errors import DatabaseError, DatabaseLocked, ReadOnly, SchemaTooNew

NO_WAIT = timedelta(0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database of this version, closed."""
    file = tmp_path / "tokens.db"
    open_database(str(file)).close()
    return file


@pytest.fixture
def opened() -> Iterator[Callable[..., Database]]:
    """`open_database` of a path, closed in the end."""
    databases: list[Database] = []

    def open_one(file: Path, **options: object) -> Database:
        databases.append(open_database(str(file), **options))  # type: ignore[arg-type]
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()


def names(database: Database) -> list[str]:
    """What `add` has put there."""
    with database.read() as session:
        return [row[0] for row in session.connection().exec_driver_sql("SELECT name FROM meta ORDER BY name")]


def add(database: Database, *facts: str, commit: bool = True) -> None:
    """Writes facts in one transaction."""
    with database.write() as session:
        for fact in facts:
            session.connection().exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, x'00')", (fact,))
        if commit:
            session.commit()


def whole(file: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file."""
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


# Names


@pytest.mark.parametrize(
    "name", ["tokens.db", "a b?c#d%41&mode=ro.db", "令牌 é.db", "-x", "a:b", os.fsdecode(b"\xff\xfe.db")]
)
def test_any_name_that_a_file_can_have(tmp_path: Path, opened: Callable[..., Database], name: str) -> None:
    file = tmp_path / name
    add(opened(file), "x")
    assert names(opened(file)) == ["x"]
    assert file.exists()


def test_a_name_is_a_path_or_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_url("tokens.db")[1] == parse_url("sqlite:///tokens.db")[1] == Path("tokens.db")
    assert parse_url("sqlite:////srv/tokens.db")[1] == Path("/srv/tokens.db")
    assert parse_url("~/tokens.db")[1] == tmp_path / "tokens.db"
    assert parse_url("~nosuchuser/tokens.db")[1] == Path("~nosuchuser/tokens.db")
    assert parse_url("postgresql://host/tokens")[1] is None


@pytest.mark.parametrize(
    "name",
    ["", ":memory:", "sqlite://", "sqlite:///:memory:", "://", "x\0.db", "nosuch://host/x", "postgresql://host:port/x"],
)
def test_what_names_no_database(name: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        open_database(name)
    assert "\n" not in str(raised.value)


def test_a_password_is_in_no_message() -> None:
    for url in (
        "postgresql://alice:geheim@localhost:1/x",
        "nosuch://alice:geheim@host/x",
        "postgresql://a:geheim@b:c/x",
    ):
        with pytest.raises(DatabaseError) as raised:
            open_database(url)
        assert "geheim" not in str(raised.value)


# Made


def test_a_new_file_is_its_owner_s_alone(tmp_path: Path, opened: Callable[..., Database]) -> None:
    before = os.umask(0)  # nor does a loose mask open it to others
    try:
        database = opened(tmp_path / "tokens.db")
        add(database, "x")
    finally:
        os.umask(before)
    made = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert made == {"tokens.db": 0o600, "tokens.db-wal": 0o600, "tokens.db-shm": 0o600}
    assert database.name == "tokens.db"


def test_one_that_is_empty_becomes_a_database(tmp_path: Path, opened: Callable[..., Database]) -> None:
    (tmp_path / "tokens.db").write_bytes(b"")
    assert names(opened(tmp_path / "tokens.db")) == []


def test_many_that_open_a_new_one_at_once_make_one_schema(tmp_path: Path, opened: Callable[..., Database]) -> None:
    start, failed = threading.Barrier(4), []

    def first() -> None:
        start.wait()
        try:
            add(opened(tmp_path / "tokens.db"), str(threading.get_ident()))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=first) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(names(opened(tmp_path / "tokens.db"))) == 4


def test_where_it_can_t_be_made_nothing_is(tmp_path: Path) -> None:
    """No directory, a file in place of one, a directory in place of the file, a name too long."""
    (tmp_path / "file").write_bytes(b"")
    for name, said in (
        ("none/x.db", "there is no directory"), ("file/x.db", "can't be"), ("", "is a directory"),
        ("x" * 300, "too long"),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match=said):
            open_database(str(tmp_path / name))
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


# Read and written


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
    before = {each.name: each.read_bytes() for each in file.parent.iterdir() if not each.name.endswith("-shm")}
    database = opened(file, read_only=True)
    assert names(database) == ["x"]
    with pytest.raises(ReadOnly), database.write():
        pytest.fail("a write was let through")
    with pytest.raises(DatabaseError, match="can't be written"), database.read() as session:
        session.connection().exec_driver_sql("DELETE FROM meta")
    assert {each.name: each.read_bytes() for each in file.parent.iterdir() if not each.name.endswith("-shm")} == before


def test_read_only_makes_and_upgrades_nothing(tmp_path: Path, file: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database"):
        open_database(str(tmp_path / "none.db"), read_only=True)
    assert not (tmp_path / "none.db").exists()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM alembic_version")  # as before the first migration
        connection.commit()
    with pytest.raises(DatabaseError, match="open it once without --read-only"):
        open_database(str(file), read_only=True)


# What can happen to a file


def test_a_newer_schema_is_left_untouched(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = file.read_bytes()
    for options in ({}, {"read_only": True}, {"upgrade": False}):
        with pytest.raises(SchemaTooNew, match="9999"):
            open_database(str(file), **options)  # type: ignore[arg-type]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"hello " * 100,
        b"x" * 15,
        b"\x89PNG\r\n\x1a\n" + bytes(5000),
        b"SQLite format 3\x00",
        b"SQLite format 3\x00" * 400,
    ],
)
def test_what_is_no_database_is_left_untouched(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"is not an SQLite database|is damaged"):
        open_database(str(file))
    assert file.read_bytes() == content


def test_the_database_of_another_program_is_left_untouched(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE cats (name)")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(DatabaseError, match="not a database of tokentui"):
        open_database(str(file))
    assert file.read_bytes() == before


@pytest.mark.parametrize("size", [16, 50, 100, 512, 4096, 5000, 0.3, 0.6, 0.9])
def test_one_that_was_cut_is_damaged_and_not_made_anew(file: Path, size: float) -> None:
    content = file.read_bytes()
    cut = content[: int(size if size > 1 else len(content) * size)]
    file.write_bytes(cut)
    with pytest.raises(DatabaseError, match=r"is not an SQLite database|is damaged"):
        names(open_database(str(file)))
    assert file.read_bytes() == cut


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, a loop of links, a pipe: none may hang."""
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("loop", "pipe", "."):
        with pytest.raises(DatabaseError):
            names(open_database(str(tmp_path / name)))


def test_one_that_was_removed_is_an_error_and_not_made_anew(file: Path, opened: Callable[..., Database]) -> None:
    """A pooled connection still has it open: what it wrote there would be lost with the key that was handed out."""
    database = opened(file)
    add(database, "x")
    for each in file.parent.iterdir():
        each.unlink()
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


def test_a_change_by_anyone_else_is_noticed_and_a_look_is_none(file: Path, opened: Callable[..., Database]) -> None:
    database, mark = opened(file), ChangeMark(file)
    first = mark.value()
    assert names(database) == []
    add(database, "left", commit=False)
    assert mark.value() == first
    add(database, "x")
    second = mark.value()
    assert second != first
    assert mark.value() == second
    file.rename(file.with_name("moved.db"))
    with pytest.raises(OSError, match="No such file"):
        mark.value()
    mark.close()


# Disks


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path) -> Path:
    """Leaves no room; the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb") as stream, contextlib.suppress(OSError):
        while True:
            os.write(stream.fileno(), bytes(4096))
    return ballast


def test_a_full_disk_loses_nothing_that_was_committed(disk: Path, opened: Callable[..., Database]) -> None:
    database = opened(disk / "tokens.db")
    add(database, "before")
    ballast = fill(disk)
    done: list[str] = []

    def go_on() -> None:
        while True:
            add(database, f"x{len(done):03d}" * 10)
            done.append(f"x{len(done):03d}" * 10)

    with pytest.raises(DatabaseError, match="disk is full: free some space"):
        go_on()
    assert names(database) == ["before", *done]
    ballast.unlink()
    add(database, "room again")
    assert names(database) == ["before", "room again", *done]
    assert whole(disk / "tokens.db")


def test_none_is_half_made_on_a_full_disk(disk: Path, opened: Callable[..., Database]) -> None:
    ballast = fill(disk)
    with pytest.raises(DatabaseError, match="disk is full"):
        open_database(str(disk / "tokens.db"))
    ballast.unlink()
    assert names(opened(disk / "tokens.db")) == []


def test_a_disk_that_can_t_be_written_says_so(disk: Path) -> None:
    file = disk / "tokens.db"
    database = open_database(str(file))
    add(database, "x")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=False)  # busy while it is open for writing
    database.close()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    database = open_database(str(file))
    assert names(database) == ["x"]  # what nobody can write can be read without its locks
    with pytest.raises(DatabaseError, match="its file system is mounted read-only"):
        add(database, "y")
    database.close()
    with pytest.raises(DatabaseError, match="can't be made: Read-only file system"):
        open_database(str(disk / "new.db"))


# Killed

PREPARE = """
import sys
from tokentui import migrations
from tokentui.database.database import open_database

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
upgrade = migrations.upgrade
migrations.upgrade = lambda connection: (upgrade(connection), stop())
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
