"""Reading a log: whole, compressed, damaged, and while it is written and rotated."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from tokentui.errors import UsageError
from tokentui.usage.access_log import files
from tokentui.usage.access_log.files import Batch, follow, open_log, read
from tokentui.usage.access_log.line import MAX_LINE


def lines_of(path: Path) -> Batch:
    with open_log(path) as source:
        return [line for batch in read(source, str(path)) for line in batch]  # type: ignore[arg-type]


def test_lines_are_numbered(tmp_path: Path) -> None:
    """Empty ones too, without being lines; the last needs no line break; what is no UTF-8 is still a line."""
    path = tmp_path / "log"
    path.write_bytes(b"a\n\n\xff\n" + "ü".encode())
    assert lines_of(path) == [(1, "a"), (3, "�"), (4, "ü")]


def test_compressed(tmp_path: Path) -> None:
    path = tmp_path / "log.1"
    path.write_bytes(gzip.compress(b"a\nb\n"))
    assert lines_of(path) == [(1, "a"), (2, "b")]


def test_compressed_and_damaged(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 4_000)[:-9])
    with pytest.raises(UsageError, match="it is damaged"):
        lines_of(path)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        lines_of(tmp_path / name)


def test_a_line_without_end_is_not_kept_whole() -> None:
    """A stream of zeros must not fill the memory."""
    lines = files.LineSplitter()
    for _ in range(100):
        assert lines.split(b"\0" * 100_000) == []
    ((number, text),) = lines.split(b"\n")
    assert number == 1
    assert MAX_LINE < len(text) <= MAX_LINE * 4 + 1


def test_a_pipe_gives_what_is_there() -> None:
    """A batch for each piece, and a line that comes in two is one."""
    pieces = iter([b"a\nb", b"c\n", b""])

    class Pipe(io.RawIOBase):
        def read1(self, size: int, /) -> bytes:
            return next(pieces)

    assert list(read(Pipe(), "pipe")) == [[(1, "a")], [(2, "bc")]]


def until(batches: Iterator[Batch], wanted: list[str]) -> None:
    """Takes batches until these lines have come; it would never end if they did not."""
    lines_read: list[str] = []
    while len(lines_read) < len(wanted):
        lines_read += [line for _, line in next(batches)]
    assert lines_read == wanted


def test_follow(tmp_path: Path) -> None:
    """New lines, a rotation to another name, a file cut to nothing; the rest at the end."""
    path, stop = tmp_path / "log", Event()
    path.write_text("a\nb")
    batches = follow(path, stop)
    until(batches, ["a"])
    with path.open("a") as file:
        file.write("c\n")
    until(batches, ["bc"])
    with path.open("a") as file:
        file.write("d\n")
    path.rename(tmp_path / "log.1")
    until(batches, ["d"])
    path.write_text("e\n")
    until(batches, ["e"])
    assert next(batches) == []
    path.write_text("")
    assert next(batches) == []  # looks at the file before it gives this one
    path.write_text("f\n")
    until(batches, ["f"])
    with path.open("a") as file:
        file.write("g\n")
    stop.set()
    assert [line for batch in batches for _, line in batch] == ["g"]


def test_follow_reads_the_file_before_along(tmp_path: Path) -> None:
    """nginx makes the new file first, and its workers write to the old one until they hear of it."""
    path, stop = tmp_path / "log", Event()
    with path.open("w") as before:
        batches = follow(path, stop)
        assert next(batches) == []
        path.rename(tmp_path / "log.1")
        path.write_text("new\n")
        until(batches, ["new"])
        before.write("late")
        before.flush()
        assert next(batches) == []
        before.write("r\n")
        before.flush()
        until(batches, ["later"])
        before.write("last")
        before.flush()
        stop.set()
        assert [line for batch in batches for _, line in batch] == ["last"]


def test_follow_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        next(follow(tmp_path / "log", Event()))
