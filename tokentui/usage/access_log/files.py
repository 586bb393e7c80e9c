"""Reads an access log as batches of numbered lines: a file, a compressed one, a pipe, or one that is still written."""

from __future__ import annotations

import gzip
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import IO, Protocol

from tokentui.errors import UsageError
from tokentui.usage.access_log.line import MAX_LINE

Batch = list[tuple[int, str]]
"""Lines without their line break, each with its number in the file, from 1."""

_CHUNK_BYTES = 1 << 20
_POLL_S = 0.25
_ROTATED_S = 10.0
"""How long a file that was rotated away is still read: nginx's workers leave it only when they hear of the new one."""

_GZIP = b"\x1f\x8b"


class Readable(Protocol):
    """A binary stream that gives what is there rather than wait for more."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


class LineSplitter:
    """Cuts bytes into lines and numbers them from 1. A line too long to be ours is cut, not kept growing."""

    def __init__(self) -> None:
        self.number = 0
        self._unfinished = b""

    def split(self, chunk: bytes) -> Batch:
        """The lines that `chunk` ends."""
        *complete, self._unfinished = (self._unfinished + chunk).split(b"\n")
        self._unfinished = self._unfinished[: MAX_LINE * 4 + 1]
        return [numbered for numbered in map(self._numbered, complete) if numbered[1].strip()]

    def unfinished(self) -> Batch:
        """The text behind the last line break, as a batch of one line or none; to be called at the end."""
        unfinished, self._unfinished = self._unfinished, b""
        return [self._numbered(unfinished)] if unfinished.strip() else []

    def _numbered(self, line: bytes) -> tuple[int, str]:
        self.number += 1
        return self.number, line.decode("utf-8", "replace")


def read(stream: Readable, name: str) -> Iterator[Batch]:
    """Every line of a stream; a batch is at most a mebibyte, and no more than is there. Raises UsageError."""
    lines = LineSplitter()
    try:
        while chunk := stream.read1(_CHUNK_BYTES):
            if batch := lines.split(chunk):
                yield batch
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise UsageError(f"{name} can't be read behind line {lines.number}", reason) from None
    if batch := lines.unfinished():
        yield batch


def open_log(path: Path) -> IO[bytes]:
    """Opens a file for reading, decompressed where it begins as gzip does (RFC 1952); raises UsageError."""
    try:
        file = path.open("rb")
        start = file.read(2)
        file.seek(0)
    except OSError as error:
        raise UsageError(f"{path} can't be read", error.strerror or str(error)) from None
    return gzip.GzipFile(fileobj=file) if start == _GZIP else file  # type: ignore[return-value]


class _Followed:
    """A file that is still written, and how far it was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.lines = LineSplitter()

    def read(self) -> Iterator[Batch]:
        while chunk := self.file.read(_CHUNK_BYTES):
            yield self.lines.split(chunk)

    def finish(self) -> Batch:
        """Closes the file and returns what stands behind its last line break."""
        self.file.close()
        return self.lines.unfinished()


def follow(path: Path, stop: Event) -> Iterator[Batch]:
    """Yields the lines of a file, then those that are appended, until `stop` is set.

    Where logs are rotated, it goes on in the file that takes the name. An empty batch comes at each look, every 0.25 s.
    Raises UsageError where the file is not there at the start.
    """
    current = _Followed(_open_unbuffered(path))
    rotated: list[tuple[float, _Followed]] = []
    try:
        while True:
            stopping = stop.is_set()
            for until, old in list(rotated):
                yield from old.read()
                if stopping or time.monotonic() > until:
                    rotated.remove((until, old))
                    yield old.finish()
            yield from current.read()
            yield []
            if stopping:
                return
            replacement = _replacement(path, current.file)
            if replacement is None:
                stop.wait(_POLL_S)
                continue
            if os.path.sameopenfile(current.file.fileno(), replacement.fileno()):  # it was cut
                yield current.finish()
            else:
                rotated.append((time.monotonic() + _ROTATED_S, current))
            current = _Followed(replacement)
    finally:
        for followed in (current, *(old for _, old in rotated)):
            followed.file.close()


def _open_unbuffered(path: Path) -> IO[bytes]:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise UsageError(f"{path} can't be read", error.strerror or str(error)) from None


def _replacement(path: Path, file: IO[bytes]) -> IO[bytes] | None:
    """The file that has the name now, where it is another one or was cut; None while there is none."""
    try:
        there = path.stat()
        here = os.fstat(file.fileno())
        same = (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
        return None if same and there.st_size >= file.tell() else path.open("rb", buffering=0)
    except OSError:
        return None
