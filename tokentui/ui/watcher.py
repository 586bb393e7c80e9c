"""Looks for commits by anyone, and whether the database can still be read, in a thread of its own, and calls back.

Knows nothing of the terminal.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from tokentui.database.change_mark import ChangeMark
from tokentui.database.database import Database
from tokentui.database.sqlite import file_uri
from tokentui.errors import DatabaseError

INTERVAL = 0.5
"""Seconds between two looks; a change must show within two."""

_FAILED_PROBES = 2
"""Looks in a row that fail before it is said: a file that is being replaced is away for a moment."""


class Watcher:
    """Calls back from its thread.

    `changed` is called after each commit that it notices; several between two looks are one. `state` is called with the
    reason when the database can't be read any longer, and with an empty text when it can again.
    """

    def __init__(
        self, database: Database, changed: Callable[[], object], state: Callable[[str], object] = lambda problem: None
    ) -> None:
        self._changed = changed
        self._state = state
        path = database.path
        self._probe: _Probe = _server_probe(database) if path is None else _FileProbe(database, path)
        self._last: object = None
        self._failed, self._reported = 0, ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tokentui-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Looks once, and calls back. By one thread only."""
        value, problem = self._probe()
        self._failed = self._failed + 1 if problem else 0
        certain = self._failed >= _FAILED_PROBES or self._probe.is_certain
        if (problem and certain and problem != self._reported) or (self._reported and not problem):
            self._reported = problem
            self._state(problem)
        if value is not None:
            if self._last is not None and value != self._last:
                self._changed()
            self._last = value

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.look()
                self._stop.wait(INTERVAL)
        finally:
            self._probe.close()


def _server_probe(database: Database) -> _Probe:
    from tokentui.ui.server_probe import ServerProbe  # imports SQLAlchemy, for which no file waits

    return ServerProbe(database)


class _Probe(Protocol):
    is_certain: bool
    """Whether the problem of the last look is one already after a single look."""

    def __call__(self) -> tuple[object, str]:
        """What tells a commit, None where that is not known; and why the database can't be read, or nothing."""

    def close(self) -> None: ...


class _FileProbe:
    """One look after the other at a file."""

    is_certain = False

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._mark = ChangeMark(path)
        self._last_sound: os.stat_result | None = None
        self._damaged_identity: tuple[int, int, int] | None = None

    def __call__(self) -> tuple[object, str]:
        name = self._path.name
        try:
            stat = self._path.stat()
            if stat.st_size == 0:
                return None, f"{name} is empty: somebody truncated it"
            if self._is_cut(stat):
                return None, f"{name} is damaged: somebody truncated it"
            value = self._mark.value()
        except FileNotFoundError:
            return None, f"{name} is not there any more"
        except OSError as error:
            return None, f"{name} can't be read ({error.strerror or error})"
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            return None, "" if busy else f"{name} can't be read ({error})"
        except sqlite3.Error as error:
            return None, f"{name} can't be read ({error})"
        except DatabaseError as error:
            return None, error.message
        if self._last_sound is not None and stat.st_mtime_ns != self._last_sound.st_mtime_ns:
            # By a checkpoint, mostly. By a copy over it too: an open connection would go on answering from its cache.
            self._database.close()
        self._last_sound = stat
        return value, ""

    def _is_cut(self, stat: os.stat_result) -> bool:
        """Whether the file became shorter by anything but SQLite's own hand.

        Asked of a new connection: one that is open goes on answering from its cache. SQLite alone opens the file, as
        closing a descriptor of it would drop the locks of the whole process.
        """
        before = self._last_sound
        if before is None or before.st_ino != stat.st_ino or stat.st_size >= before.st_size:
            self._damaged_identity = None
            return False
        identity = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if identity != self._damaged_identity:
            with closing(sqlite3.connect(file_uri(self._path, "ro"), uri=True)) as connection:
                try:
                    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
                    sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
                except sqlite3.DatabaseError:
                    sound = False
            # SQLite itself takes whole pages off, and does not miss the end of the last one.
            self._damaged_identity = None if sound and stat.st_size % page_bytes == 0 else identity
        return self._damaged_identity is not None

    def close(self) -> None:
        self._mark.close()
