"""Finds keys of our format in files, by their shape and checksum: linear in the size, in constant memory.

Files are cut into segments, which processes search side by side. No key is written anywhere: the `repr` of a `Match`
hides it, and whoever looks it up in the database asks the match for it.
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import IO

from tokentui.crypto.key_format import Key, MalformedKey, parse_key

STANDARD_INPUT = "-"

_SHAPE = re.compile(rb"SU-[0-9]{3}-[0-9]{3}-[0-9]{3}(?::|%3[Aa])[0-9a-f]{40}", re.ASCII)
"""A key, or one whose colon a URL has escaped (RFC 3986, 2.1)."""

_LONGEST = 57
"""Bytes of the longest match: two blocks share one less, so that no key is cut in two."""

_BLOCK_BYTES = 1 << 20
_SEGMENT_BYTES = 32 << 20
"""What one process searches before it says what it saw; also what decides whether a second process pays."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Match:
    """A key in a file; `line` counts from 1."""

    path: str
    line: int
    key: Key = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of a file: from its first byte to the one after its last; `end` None is the end of the file."""

    path: str
    start: int = 0
    end: int | None = None


@dataclass(slots=True)
class _Searched:
    """What a segment holds: matches, with lines counted from the segment's own first, and how many lines it ends."""

    keys: list[tuple[int, str]] = field(default_factory=list, repr=False)
    newlines: int = 0
    error: str = ""


def scan(paths: Sequence[str], standard_input: Callable[[], IO[bytes]]) -> Iterator[Match | Unread]:
    """The keys in files, in all files below folders, and in standard input (`-`); in order.

    A file that gzip made is read as what it holds. Links below a folder are not followed, and what is no ordinary
    file is left out there; a path that is named is read whatever it is.
    """
    segments = _segments(paths)
    with ExitStack() as stack:
        searches = _searches(segments, stack)
        path, before = "", 0
        for segment, search in searches:
            if segment.path != path or segment.start == 0:
                path, before = segment.path, 0
            if isinstance(segment, _Failed):
                yield Unread(segment.path, segment.reason)
            elif segment.path == STANDARD_INPUT:
                yield from _matches(STANDARD_INPUT, standard_input())
            elif search is None:
                yield from _compressed(segment.path)
            else:
                searched = search()
                for line, text in searched.keys:
                    yield Match(path, before + line, parse_key(text))
                before += searched.newlines
                if searched.error:
                    yield Unread(path, searched.error)


@dataclass(frozen=True, slots=True)
class _Failed(_Segment):
    reason: str = ""


_Search = Callable[[], _Searched]


def _searches(segments: Iterator[_Segment], stack: ExitStack) -> Iterator[tuple[_Segment, _Search | None]]:
    """Each segment with how to have what it holds; None where it is to be read here, from its start to its end.

    The first segments are searched in this process: another one pays only where there is much to read.
    """
    workers = os.cpu_count() or 1
    pool: ProcessPoolExecutor | None = None
    waiting: deque[tuple[_Segment, _Search | None]] = deque()
    size = 0
    for segment in segments:
        search: _Search | None = None
        if _is_searched_elsewhere(segment):
            size += (segment.end or 0) - segment.start
            if size > _SEGMENT_BYTES and pool is None:
                # A new interpreter each: a fork would take along whatever this process holds.
                pool = stack.enter_context(ProcessPoolExecutor(workers, mp_context=get_context("spawn")))
            search = partial(_search, segment) if pool is None else pool.submit(_search, segment).result
        waiting.append((segment, search))
        if len(waiting) > 2 * workers:
            yield waiting.popleft()
    yield from waiting


def _is_searched_elsewhere(segment: _Segment) -> bool:
    return segment.path != STANDARD_INPUT and segment.end is not None and not isinstance(segment, _Failed)


def _segments(paths: Iterable[str]) -> Iterator[_Segment]:
    for path in paths:
        if path == STANDARD_INPUT:
            yield _Segment(path)
            continue
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            yield _Failed(path, reason=_reason(error))
            continue
        if stat.S_ISDIR(status.st_mode):
            for file in _files_below(path):
                yield from [file] if isinstance(file, _Failed) else _of_file(file.path, file.end or 0)
        elif stat.S_ISREG(status.st_mode):
            yield from _of_file(path, status.st_size)
        else:
            yield _Segment(path)  # a pipe, as of `<(git log -p)`: its size is not known


def _files_below(folder: str) -> Iterator[_Segment]:
    """Every ordinary file, as one segment, sorted by name."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield _Failed(folder, reason=_reason(error))
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files_below(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield _Segment(entry.path, 0, entry.stat(follow_symlinks=False).st_size)
        except OSError as error:
            yield _Failed(entry.path, reason=_reason(error))


def _of_file(path: str, size: int) -> Iterator[_Segment]:
    try:
        with open(path, "rb") as file:
            is_gzip = file.read(2) == _GZIP
    except OSError as error:
        yield _Failed(path, reason=_reason(error))
        return
    if is_gzip:
        yield _Segment(path)
        return
    for start in range(0, max(size, 1), _SEGMENT_BYTES):
        yield _Segment(path, start, min(start + _SEGMENT_BYTES, size))


def _search(segment: _Segment) -> _Searched:
    """Searches a part of a file; runs in a process of its own."""
    searched = _Searched()
    assert segment.end is not None
    try:
        with open(segment.path, "rb") as file:
            file.seek(segment.start)
            for line, text, newlines in _blocks(file, segment.end - segment.start):
                if text:
                    searched.keys.append((line, text))
                searched.newlines = newlines
    except OSError as error:
        searched.error = _reason(error)
    return searched


def _compressed(path: str) -> Iterator[Match | Unread]:
    """What a file that gzip made holds, or a pipe that is named as a path."""
    import gzip

    try:
        with open(path, "rb") as raw:
            if stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
                with gzip.open(raw) as file:
                    yield from _matches(path, file)  # type: ignore[arg-type]
            else:
                yield from _matches(path, raw)
    except (OSError, EOFError, zlib.error) as error:
        yield Unread(path, _reason(error))


def _matches(path: str, file: IO[bytes]) -> Iterator[Match]:
    for line, text, _ in _blocks(file, None):
        if text:
            yield Match(path, line, parse_key(text))


def _blocks(file: IO[bytes], size: int | None) -> Iterator[tuple[int, str, int]]:
    """For each key: its line, its text and how many lines have ended; and once more at the end of each block.

    Reads `size` bytes, and as many more as a key needs that begins in them; with None, to the end.
    """
    kept, newlines, left = b"", 0, size
    while True:
        block = file.read(_BLOCK_BYTES if left is None else min(_BLOCK_BYTES, left))
        if left is not None:
            left -= len(block)
        is_last = not block or left == 0
        beyond = file.read(_LONGEST - 1) if is_last and size is not None else b""
        text = kept + block + beyond
        # What begins in the last bytes may go on in the next block: it is searched together with that.
        until = len(kept) + len(block) if is_last else max(0, len(text) - _LONGEST + 1)
        counted = 0
        if b"SU-" in text:
            for match in _SHAPE.finditer(text):
                if match.start() >= until:
                    break
                if (key := _key_text(match[0])) is not None:
                    newlines += text.count(b"\n", counted, match.start())
                    counted = match.start()
                    yield newlines + 1, key, newlines
        newlines += text.count(b"\n", counted, until)
        yield newlines + 1, "", newlines
        if is_last:
            return
        kept = text[until:]


def _key_text(match: bytes) -> str | None:
    text = re.sub("%3a", ":", match.decode("ascii"), flags=re.IGNORECASE)
    try:
        parse_key(text)
    except MalformedKey:
        return None
    return text


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged" if isinstance(error, (EOFError, zlib.error, OSError)) else str(error)
