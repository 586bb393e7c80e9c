"""Tells by one short system call whether a path may lead to another file than before: Linux's inotify.

To ask for the inode each time (`stat`) walks the whole path: the largest part of a decision about a key that is kept.
The kernel queues an event before the call returns that made, renamed or removed something in a watched directory, so
whoever looks after that call finds it: https://man7.org/linux/man-pages/man7/inotify.7.html. Two things make no event:
what another machine does in a network file system, where a database can't be in WAL mode, and a mount over the way.
"""

from __future__ import annotations

import ctypes
import os
import select
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

# IN_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF, and IN_ONLYDIR
_MASK = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x1000000
_LINKS = 40  # as for the kernel: a path with more symbolic links leads nowhere
_EVENTS = 65_536


class Moved:
    """Watches each directory on the way to a file, through symbolic links. One thread at a time, one process."""

    def __init__(self, path: str) -> None:
        """`path` is absolute. Raises OSError where it can't be watched: not by this system, or not by one more."""
        self._path = path
        try:
            self._library = ctypes.CDLL(None, use_errno=True)
            events = _checked(self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        except AttributeError:
            raise OSError("this system has no inotify") from None
        self._events = open(events, "rb", buffering=0)  # noqa: SIM115 - as long as this; closed with it at the latest
        poll = select.poll()
        poll.register(self._events, select.POLLIN)
        self.waiting = poll.poll
        """Called with 0: something that is true where there may be another file by now; then call `look`."""
        try:
            self.look()
        except OSError:
            self.close()
            raise

    def look(self) -> None:
        """Takes the events and watches the way as it is now, as far as there is one; what happens then is an event.

        Raises OSError where it can't: then it is not watched whole.
        """
        while self._events.read(_EVENTS):
            pass
        # A way that ends too early is watched up to there, where the rest would have to be made.
        with suppress(FileNotFoundError, NotADirectoryError):
            for directory in directories(self._path):
                _checked(self._library.inotify_add_watch(self._events.fileno(), os.fsencode(directory), _MASK))

    def close(self) -> None:
        """Ends the watch."""
        self._events.close()


def directories(path: str) -> Iterator[str]:
    """Those whose entries decide where an absolute path leads. Each is told before its entry is looked at.

    Raises OSError where there are too many symbolic links.
    """
    here, links = "/", 0
    parts = list(reversed(PurePosixPath(path).parts[1:]))
    while parts:
        yield here
        there = os.path.join(here, parts.pop())
        try:
            target = PurePosixPath(os.readlink(there))
        except OSError:  # no link, or nothing at all
            here = os.path.normpath(there)
            continue
        links += 1
        if links > _LINKS:
            raise OSError(f"{path} has too many symbolic links")
        if target.is_absolute():
            here = "/"
        parts.extend(part for part in reversed(target.parts) if part != "/")


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
