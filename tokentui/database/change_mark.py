"""Tells whether an SQLite file has changed since the last look."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tokentui.database.sqlite import connect

_TIMEOUT = timedelta(seconds=5)


class ChangeMark:
    """Tells whether any connection, of any process, has committed since it was last asked. One thread only.

    `PRAGMA data_version` stands still for the connection's own writes and inside a transaction, so this one does
    neither; and when a restored copy replaces the file, or is copied over it, hence the look at the inode and at the
    time of the last write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None

    def value(self) -> tuple[int, int, int, int]:
        """Differs from the last value if something was committed; raises OSError, sqlite3.Error or DatabaseError."""
        stat = self._path.stat()
        inode = (stat.st_dev, stat.st_ino)
        if self._connection is None or inode != self._inode:
            self.close()
            self._connection = connect(self._path, read_only=True, timeout=_TIMEOUT)
            self._inode = inode
        with closing(self._connection.execute("PRAGMA data_version")) as cursor:
            return (*inode, stat.st_mtime_ns, cursor.fetchone()[0])

    def close(self) -> None:
        """Closes the connection; `value` opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
