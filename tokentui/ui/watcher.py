"""Looks for commits by anyone, in a thread of its own, and calls back. Knows nothing of the terminal."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from tokentui.database.change_mark import ChangeMark
from tokentui.database.database import Database
from tokentui.errors import DatabaseError

INTERVAL = 0.5
"""Seconds between two looks; a change must show within two."""


class Watcher:
    """Calls `changed` from its thread after each commit that it notices; several between two looks are one."""

    def __init__(self, database: Database, changed: Callable[[], object]) -> None:
        self._database = database
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tokentui-watcher", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        if self._database.path is not None:
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        assert self._database.path is not None
        mark = ChangeMark(self._database.path)
        last: object = None
        try:
            while not self._stop.is_set():
                value = self._look(mark)
                if value is not None:
                    if last is not None and value != last:
                        self._changed()
                    last = value
                self._stop.wait(INTERVAL)
        finally:
            mark.close()

    @staticmethod
    def _look(mark: ChangeMark) -> object:
        try:
            return mark.value()
        except (OSError, sqlite3.Error, DatabaseError):
            return None  # gone or locked for a moment: the screens say so when they read
