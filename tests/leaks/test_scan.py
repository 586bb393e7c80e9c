"""Keys in files: each is seen once, on its line, whatever is around it and wherever a block ends."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tokentui.crypto.key_format import Key, new_key
from tokentui.leaks import scan as scanner
from tokentui.leaks.scan import Match, Unread, scan

KEYS = [new_key(number) for number in (0, 7, 631_646_036, 999_999_999)]


def seen(*paths: object, stdin: bytes = b"") -> list[tuple[str, int, str]]:
    """What is seen below the paths, as (path, line, key)."""
    matches = list(scan([str(path) for path in paths], lambda: io.BytesIO(stdin)))
    assert all(isinstance(match, Match) for match in matches), matches
    return [(match.path, match.line, match.key.text) for match in matches if isinstance(match, Match)]


def changed(key: Key) -> str:
    """The key with its last digit wrong."""
    return key.text[:-1] + ("0" if key.text[-1] != "0" else "1")


noise = st.one_of(
    st.binary(max_size=90),
    st.sampled_from([b"\n", b"SU-", b"SU-631-646-036:", KEYS[0].text[:-1].encode(), changed(KEYS[1]).encode()]),
)


parts_of_a_file = st.lists(st.tuples(noise, st.sampled_from(KEYS)), max_size=12)
"""Keys with noise before each. Two pieces side by side could be one more key: all but its last digit, and that."""


def written(path: str, parts: list[tuple[bytes, Key]]) -> tuple[bytes, list[tuple[str, int, str]]]:
    """The bytes of a file, and what is to be seen in it."""
    content, expected = b"", []
    for before, key in parts:
        content += before
        expected.append((path, content.count(b"\n") + 1, key.text))
        content += key.text.encode()
    return content, expected


@given(parts_of_a_file, noise, st.integers(57, 400))
def test_every_key_once_on_its_line(parts: list[tuple[bytes, Key]], end: bytes, block: int) -> None:
    """In random bytes, with blocks that end anywhere in a key."""
    content, expected = written("-", parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "_BLOCK_BYTES", block)
        assert seen("-", stdin=content + end) == expected


@given(parts_of_a_file, st.integers(57, 300), st.integers(60, 500))
def test_a_file_in_segments(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, Key]], block: int, segment: int
) -> None:
    """A key that two segments share is seen by one of them, and lines count on."""
    file = tmp_path_factory.getbasetemp() / "segments"
    content, expected = written(str(file), parts)
    assume(not content.startswith(b"\x1f\x8b"))  # what says that it is gzip's is told to be damaged
    file.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "_BLOCK_BYTES", block)
        patch.setattr(scanner, "_SEGMENT_BYTES", segment)
        patch.setattr(scanner, "ProcessPoolExecutor", _InThisProcess)
        assert seen(file) == expected


class _InThisProcess:
    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> _InThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, call: object, segment: object) -> _Done:
        return _Done(call(segment))  # type: ignore[operator]


class _Done:
    def __init__(self, value: object) -> None:
        self._value = value

    def result(self) -> object:
        return self._value


def test_a_large_file_is_searched_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real ones, whose matches come in the order of the file."""
    monkeypatch.setattr(scanner, "_SEGMENT_BYTES", 100_000)
    file = tmp_path / "log"
    lines = [f"{number} {KEYS[number % 4].text if number % 500 == 0 else 'x' * 40}" for number in range(10_000)]
    file.write_text("\n".join(lines))
    assert seen(file) == [
        (str(file), number + 1, KEYS[number % 4].text) for number in range(0, 10_000, 500)
    ]  # fmt: skip


def test_folders_links_and_files_that_are_none(tmp_path: Path) -> None:
    """Folders are walked, links below them are not followed, pipes are left out, gzip is opened, a URL's colon too."""
    key = KEYS[2].text
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep.log").write_text(f"\n\n{key}\n")
    (tmp_path / "a" / "old.gz").write_bytes(gzip.compress(f"\n{key}".encode()))
    (tmp_path / "a" / "url").write_text(f"https://x/?key={key.replace(':', '%3A')}&b=1")
    (tmp_path / "a" / "empty").touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "a" / "pipe")
    places = [
        (str(tmp_path / "a" / "b" / "deep.log"), 3, key),
        (str(tmp_path / "a" / "old.gz"), 2, key),
        (str(tmp_path / "a" / "url"), 1, key),
    ]
    assert seen(tmp_path / "a") == places
    assert seen(tmp_path / "a" / "url", "-", stdin=key.encode()) == [places[2], ("-", 1, key)]


def test_what_can_not_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """A missing file, a name that is none, a gzip that was cut."""
    whole = tmp_path / "whole"
    whole.write_text(KEYS[0].text)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(os.urandom(5000))[:2000])
    results = list(scan([str(tmp_path / "missing"), "a\0b", str(cut), str(whole)], lambda: io.BytesIO()))
    assert [type(result) for result in results] == [Unread, Unread, Unread, Match]
    assert "No such file" in results[0].reason  # type: ignore[union-attr]


def test_a_match_hides_its_key() -> None:
    """In `repr`, as of a traceback."""
    match = Match("x", 1, KEYS[0])
    assert KEYS[0].secret not in repr(match)


def test_memory_does_not_grow_with_the_input() -> None:
    """64 MB of one line."""

    class Endless(io.RawIOBase):
        left = 64

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            if not self.left:
                return 0
            self.left -= 1
            size = min(len(buffer), 1 << 20)
            buffer[:size] = b"x" * size
            return size

        def readable(self) -> bool:
            return True

    tracemalloc.start()
    try:
        assert list(scan(["-"], lambda: io.BufferedReader(Endless(), 1 << 20))) == []
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
