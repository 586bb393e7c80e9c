"""A look finds each change of where a path leads, and nothing else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.database.database import open_database
from tokentui.errors import DatabaseError
from tokentui.gate import Gate
from tokentui.gate.store import moved as moved_module
from tokentui.gate.store.moved import Moved, directories

pytestmark = pytest.mark.skipif(not hasattr(os, "eventfd"), reason="inotify is Linux's")


@pytest.fixture
def way(tmp_path: Path) -> Path:
    """`there` is a link to `deep/one`, and in it `file` one to `../../files/real`."""
    for name in ("deep/one", "deep/two", "files"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("files/real", "files/other", "deep/two/file"):
        (tmp_path / name).write_text(name)
    (tmp_path / "deep/one/file").symlink_to("../../files/real")
    (tmp_path / "there").symlink_to(tmp_path / "deep/one")
    return tmp_path


@pytest.fixture
def moved(way: Path) -> Moved:
    return Moved(str(way / "there/file"))


def waiting(moved: Moved) -> bool:
    return bool(moved.asked()(0))


def test_directories(way: Path) -> None:
    """All on the way, each once; `..` is the parent of what the link led to."""
    found = list(directories(str(way / "there/file")))
    upper = [str(each) for each in reversed(way.parents)]
    assert found[: len(upper)] == upper
    assert {str(way), str(way / "deep"), str(way / "deep/one"), str(way / "files")} <= set(found)
    assert str(way / "deep/two") not in found
    assert list(directories(str(way / "there/../two/file")))[-1] == str(way / "deep/two")


def _swap(link: Path, target: str) -> None:
    fresh = link.with_name("fresh")
    fresh.symlink_to(target)
    fresh.replace(link)


CHANGES: dict[str, Callable[[Path], object]] = {
    "the file is replaced": lambda way: (way / "files/other").rename(way / "files/real"),
    "the file is removed": lambda way: (way / "files/real").unlink(),
    "the link to the file": lambda way: _swap(way / "deep/one/file", "../two/file"),
    "the link to the directory": lambda way: _swap(way / "there", "deep/two"),
    "the directory": lambda way: (way / "deep/one").rename(way / "deep/three"),
    "the directory of the directory": lambda way: (way / "deep").rename(way / "high"),
    "two change places": lambda way: [
        (way / "deep/one").rename(way / "deep/three"), (way / "deep/two").rename(way / "deep/one")
    ],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change(moved: Moved, way: Path, change: str) -> None:
    assert not waiting(moved)
    CHANGES[change](way)
    assert waiting(moved)
    moved.look()
    assert not waiting(moved)


def test_the_way_as_it_is_after_a_change(moved: Moved, way: Path) -> None:
    """What happens on the new way is seen too."""
    _swap(way / "there", "deep/two")
    moved.look()
    (way / "deep/two/file").write_text("what is written is no change of the way")
    assert not waiting(moved)
    (way / "deep/two/file").unlink()
    assert waiting(moved)


def test_two_who_ask(moved: Moved, way: Path) -> None:
    """Who comes second finds no event any more, but the mark of who took it; then both are at rest."""
    first, second = moved.asked(), moved.asked()
    before = moved.look()
    assert moved.look() is before
    (way / "files/other").rename(way / "files/real")
    assert first(0)
    assert second(0)
    after = moved.look()
    assert not second(0)
    assert moved.mark is after is not before
    for _ in range(3):
        assert moved.look() is after
    assert not first(0)


def test_no_change_is_lost_between_threads(tmp_path: Path) -> None:
    """Each of four readers finds the file that was put there before it asked, however they meet."""
    moved = Moved(str(tmp_path / "file"))
    put, late, ended = [0], [], threading.Event()

    def follow() -> None:
        asked, mark = moved.asked(), moved.mark
        known = int((tmp_path / "file").read_text())
        while not ended.is_set():
            wanted = put[0]
            if asked(0) or moved.mark is not mark:
                mark = moved.look()
                known = int((tmp_path / "file").read_text())
            if known < wanted:
                late.append((known, wanted))

    (tmp_path / "fresh").write_text("0")
    (tmp_path / "fresh").rename(tmp_path / "file")
    threads = [threading.Thread(target=follow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 500):
        (tmp_path / "fresh").write_text(str(number))
        (tmp_path / "fresh").rename(tmp_path / "file")
        put[0] = number
    ended.set()
    for thread in threads:
        thread.join()
    assert late == []


def test_a_ring_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="too many"):
        Moved(str(tmp_path / "a/file"))


def test_a_commit_is_no_change(context: Context) -> None:
    """Neither is a checkpoint: a decision stays one short system call while others write."""
    make_token(context)
    path = context.database.path
    assert path is not None
    watch = Moved(str(path))
    make_token(context)
    with context.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not waiting(watch)


def _refused(path: str) -> Moved:
    raise OSError("no watch is left")


@pytest.mark.parametrize("watched", [True, False])
def test_a_link_to_another_database(
    context: Context, tmp_path: Path, watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the next request on, with a watch and without one; and back."""
    if not watched:
        monkeypatch.setattr(moved_module, "Moved", _refused)
    assert context.database.path is not None
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(context.database.path.parent)
    database = open_database(str(tmp_path / "link" / context.database.path.name))
    linked = Context(database, context.settings, context.actor, clock=context.clock, environ={})
    issued = make_token(context)
    assert issued.key is not None
    gate = Gate.from_context(linked)
    for _ in range(3):
        for _ in range(3):
            assert gate.verify(f"ApiKey {issued.key.text}").allowed
        _swap(tmp_path / "link", "other")
        with pytest.raises(DatabaseError):
            gate.verify(f"ApiKey {issued.key.text}")
        _swap(tmp_path / "link", str(context.database.path.parent))
    assert gate.verify(f"ApiKey {issued.key.text}").allowed
    assert isinstance(gate._readers.moved, Moved) is watched
    linked.close()


def test_no_descriptor_is_left(context: Context) -> None:
    """By gates that were closed, and by databases that were not there."""
    issued = make_token(context)
    assert issued.key is not None
    assert context.database.path is not None

    header, path = f"ApiKey {issued.key.text}", context.database.path

    def ask() -> None:
        gate = Gate.from_context(context)
        assert gate.verify(header).allowed
        away = path.rename(path.with_name("away"))
        with pytest.raises(DatabaseError):
            gate.verify(header)
        away.rename(path)
        gate.close()

    ask()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        ask()
    assert len(os.listdir("/proc/self/fd")) == before
