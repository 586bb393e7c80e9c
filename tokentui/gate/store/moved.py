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
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

# IN_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF, and IN_ONLYDIR
_MASK = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x1000000
_LINKS = 40  # as for the kernel: a path with more symbolic links leads nowhere
_EVENTS = 65_536


Asked = Callable[[int], object]


class Moved:
    """Watches each directory on the way to a file, through symbolic links. Shared by threads, not across a fork.

    One for all connections of a gate: a user may have 128 of the kernel's queues, and other programs want some.
    """

    mark: object
    """Another one as soon as somebody has begun to take events, and once more when it has ended."""

    def __init__(self, path: str) -> None:
        """`path` is absolute. Raises OSError where it can't be watched: not by this system, or not by one more."""
        self._path = path
        try:
            self._library = ctypes.CDLL(None, use_errno=True)
            events = _checked(self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        except AttributeError:
            raise OSError("this system has no inotify") from None
        self._events = open(events, "rb", buffering=0)  # noqa: SIM115 - closed with the last who watches
        self._taking = threading.Lock()
        self._waiting = self.asked()
        self._whole = False
        self.look()

    def asked(self) -> Asked:
        """A function for one thread at a time. Called with 0, what it returns is true where events wait.

        Where it is, or `mark` is not the one that `look` returned last, there may be another file by now.
        """
        poll = select.poll()
        poll.register(self._events, select.POLLIN)
        return poll.poll

    def look(self) -> object:
        """Takes the events and watches the way as it is now, as far as there is one; returns the mark of it.

        Raises OSError where it can't: then it is not watched whole.
        """
        with self._taking:
            if self._whole and not self._waiting(0):  # somebody else has taken them
                return self.mark
            # Who finds no event since this one has just taken it finds one of these marks.
            self.mark = object()
            self._whole = False
            try:
                while self._events.read(_EVENTS):
                    pass
                self._watch()
                self._whole = True
            finally:
                self.mark = object()
            return self.mark

    def _watch(self) -> None:
        # A way that ends too early is watched up to there, where the rest would have to be made.
        with suppress(FileNotFoundError, NotADirectoryError):
            for directory in directories(self._path):
                _checked(self._library.inotify_add_watch(self._events.fileno(), os.fsencode(directory), _MASK))

    def __del__(self) -> None:
        # Not sooner: a descriptor that somebody still asks could by then be another file's.
        if hasattr(self, "_events"):
            self._events.close()


class Unwatched:
    """In its place where nothing can be watched: there always may be another file."""

    mark: object = None

    def asked(self) -> Asked:
        """As `Moved.asked`."""
        return lambda _: True

    def look(self) -> object:
        """As `Moved.look`."""
        return self.mark


def watch(path: str) -> Moved | Unwatched:
    """Watches an absolute path, if that can be done."""
    try:
        return Moved(path)
    except OSError:
        return Unwatched()


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
