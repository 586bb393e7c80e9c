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

_AT_ONCE = 1 << 20
_PAUSE = 0.25
_LEAVING = 10.0
"""Seconds for which a file that was rotated away is read along."""
_GZIP = b"\x1f\x8b"


class Source(Protocol):
    """A binary stream that gives what is there rather than wait for more."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


class Lines:
    """Cuts bytes into lines and numbers them from 1. A line too long to be ours is cut, not kept growing."""

    def __init__(self) -> None:
        self.number = 0
        self._rest = b""

    def of(self, chunk: bytes) -> Batch:
        """The lines that `chunk` ends."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[: MAX_LINE * 4 + 1]
        return [numbered for numbered in map(self._numbered, whole) if numbered[1].strip()]

    def last(self) -> Batch:
        """What stands behind the last line break."""
        rest, self._rest = self._rest, b""
        return [self._numbered(rest)] if rest.strip() else []

    def _numbered(self, line: bytes) -> tuple[int, str]:
        self.number += 1
        return self.number, line.decode("utf-8", "replace")


def read(source: Source, name: str) -> Iterator[Batch]:
    """Every line of a stream; a batch is at most a mebibyte, and no more than is there. Raises UsageError."""
    lines = Lines()
    try:
        while chunk := source.read1(_AT_ONCE):
            if batch := lines.of(chunk):
                yield batch
    except (OSError, EOFError, zlib.error) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise UsageError(f"{name} can't be read behind line {lines.number}", told) from None
    if batch := lines.last():
        yield batch


def opened(path: Path) -> IO[bytes]:
    """A file, through gzip where it begins like one; raises UsageError."""
    try:
        file = path.open("rb")
        start = file.read(2)
        file.seek(0)
    except OSError as error:
        raise UsageError(f"{path} can't be read", error.strerror or str(error)) from None
    return gzip.GzipFile(fileobj=file) if start == _GZIP else file  # type: ignore[return-value]


def follow(path: Path, stop: Event) -> Iterator[Batch]:
    """Every line, then those that come, until `stop`; also in the file that takes its place when logs are rotated.

    A batch may be empty: it comes at each look. Raises UsageError where the file is not there at the start.
    """
    lines = Lines()
    file: IO[bytes] = _plain(path)
    leaving: list[tuple[float, Lines, IO[bytes]]] = []
    try:
        while True:
            ending = stop.is_set()
            for one in list(leaving):
                until, old, left = one
                while chunk := left.read(_AT_ONCE):
                    yield old.of(chunk)
                if ending or time.monotonic() > until:
                    yield old.last()
                    left.close()
                    leaving.remove(one)
            while chunk := file.read(_AT_ONCE):
                yield lines.of(chunk)
            yield []
            if ending:
                return
            replaced = _replaced(path, file)
            if replaced is None:
                stop.wait(_PAUSE)
                continue
            # The one before is read along for a while: nginx's workers leave it only when they hear of the new one.
            if os.path.sameopenfile(file.fileno(), replaced.fileno()):  # it was cut
                yield lines.last()
                file.close()
            else:
                leaving.append((time.monotonic() + _LEAVING, lines, file))
            lines, file = Lines(), replaced
    finally:
        for _, _, left in leaving:
            left.close()
        file.close()


def _plain(path: Path) -> IO[bytes]:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise UsageError(f"{path} can't be read", error.strerror or str(error)) from None


def _replaced(path: Path, file: IO[bytes]) -> IO[bytes] | None:
    """The file that has the name now, where it is another one or was cut; None while there is none."""
    try:
        there = path.stat()
        here = os.fstat(file.fileno())
        same = (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
        return None if same and there.st_size >= file.tell() else path.open("rb", buffering=0)
    except OSError:
        return None
