"""Tells in a tenth of a microsecond whether anything was committed to an SQLite file in WAL mode.

The WAL index (`-shm`) begins with two copies of a 48-byte header: change counter, last frame, salts, checksums. A
commit rewrites both before it returns, and SQLite itself decides by comparing these bytes whether what it has cached
is stale (`walIndexTryHdr` in wal.c). So equal bytes mean: nothing was committed. A half-written header differs too.
https://www.sqlite.org/walformat.html

This holds as long as a connection of ours is open: its lock keeps others from deleting the index or leaving WAL mode.
"""

from __future__ import annotations

import mmap
import os
import threading

from tokentui.database import fork

Index = mmap.mmap
HEADERS = 96
"""Bytes of the two copies of the header."""

# Closing any descriptor of a file drops all POSIX locks that the process holds on it, SQLite's too
# (https://www.sqlite.org/howtocorrupt.html, 2.2): so these are opened once and never closed.
_MAPPED: dict[tuple[int, int], mmap.mmap] = {}
_LEFT_OPEN: list[int] = []
_MAPPING = threading.Lock()


def mapped(index: str) -> Index | None:
    """The WAL index of a database that a connection has open; None where there is none, or it can't be read."""
    with _MAPPING:
        try:
            status = os.stat(index)
            key = (status.st_dev, status.st_ino)
            if key not in _MAPPED:
                handle = os.open(index, os.O_RDONLY)
                opened = os.fstat(handle)
                _LEFT_OPEN.append(handle)
                key = (opened.st_dev, opened.st_ino)
                if key not in _MAPPED:
                    _MAPPED[key] = mmap.mmap(handle, HEADERS, mmap.MAP_SHARED, mmap.PROT_READ)
            return _MAPPED[key]
        except (OSError, ValueError):
            return None


class _MappingLock:
    """Keeps a fork from finding the lock in another thread's hands, which would hold it for ever in the child."""

    def before_fork(self) -> None:
        _MAPPING.acquire()

    def after_fork_in_parent(self) -> None:
        _MAPPING.release()

    def after_fork_in_child(self) -> None:
        _MAPPING.release()


_AT_FORK = _MappingLock()
fork.register(_AT_FORK, fork.Floor.WAL_INDEX)
