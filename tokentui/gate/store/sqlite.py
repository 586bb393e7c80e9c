"""A gate's rows from an SQLite file, by a raw connection: the ORM would cost more than all the rest of a decision.

It never writes, and never holds a transaction or an unfinished cursor: in either case SQLite's `PRAGMA data_version`
stands still, and a revoked key would be let in. The pragma is asked only where there is no WAL index to look at, which
says the same thirty times as fast. Commits are seen at once; a file that takes the database's name within 100 ms.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic

from tokentui.database.read_only_mount import is_immutable
from tokentui.database.sqlite import FileConnection, connect
from tokentui.gate.store import wal_index
from tokentui.gate.store.queries import ALL_SECRETS, BY_DIGEST, COLUMNS, EPOCH, NEWEST_SECRET, SecretRow
from tokentui.gate.store.wal_index import HEADERS
from tokentui.models.damaged import decode_text

_STAT_INTERVAL_S = 0.1
"""To ask for the inode walks the whole path, the largest part of a decision about a key that is kept."""

_NO_UTF8 = "Could not decode to UTF-8"
"""How the driver's error begins where a text of a row is none."""

Identity = tuple[int, int] | None
"""Device and inode; None for a file that is not there."""


class IndexReplaced(OSError):
    """The file is the same, but what SQLite knows of it in this process is not what others write to any more."""


class SqliteConnection:
    """Opened at its first use, and anew whenever another file has the database's name."""

    rows_tell_epoch = False
    newest_secret = NEWEST_SECRET.format(columns=COLUMNS.format(epoch="NULL", join="group_concat"), id="?1")
    all_secrets = ALL_SECRETS.format(columns=COLUMNS.format(epoch="NULL", join="group_concat"), id="?1")
    by_digest = BY_DIGEST.format(columns=COLUMNS.format(epoch="NULL", join="group_concat"), digest="?1")
    _index: wal_index.Index | None
    _index_identity: Identity
    _data_version: int | None
    _headers: bytes | None

    def __init__(self, path: Path, busy_timeout: timedelta) -> None:
        """`path` is the database's, absolute; `busy_timeout` how long a read waits for a lock."""
        self._path = os.fspath(path)
        self._timeout = busy_timeout
        self.generation = 0
        self._connection: FileConnection | None = None
        self._identity: Identity = None
        self._next_stat = 0.0

    def changed(self) -> bool:
        """Whether a commit of any other connection, or another file, came since the last call.

        Raises sqlite3.Error, OSError and DatabaseError where the file can't be read.
        """
        # Not the clock of the decision, which an operator may set back.
        if monotonic() >= self._next_stat:
            self._follow()
        if self._index is not None:
            # Taken before anything is read: a commit in between is seen the next time.
            headers = self._index[:HEADERS]
            if headers == self._headers:
                return False
            self._headers = headers
            return True
        version = self.rows("PRAGMA data_version")[0][0]
        if version == self._data_version:
            return False
        self._data_version = version
        return True

    def rows(self, statement: str, *parameters: int | bytes) -> Sequence[SecretRow]:
        """All rows. That ends the statement: an unfinished one would hold its snapshot."""
        try:
            return self._cursor.execute(statement, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if not str(error).startswith(_NO_UTF8):
                raise
        # What is wrong with a text that is no UTF-8 is told by who reads the row. Not so for each row: that is a call
        # of Python's for every text of every key that is not kept.
        connection = self._cursor.connection
        connection.text_factory = decode_text
        try:
            return self._cursor.execute(statement, parameters).fetchall()
        finally:
            connection.text_factory = str

    def close(self) -> None:
        """Closes the connection; the next `changed` opens it again."""
        self._next_stat = 0.0
        self._identity = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow(self) -> None:
        """Opens the file where none is open yet, and anew where another one has its name now."""
        if self._connection is None or _identity(self._path) != self._identity:
            self.close()
            self._open()
            self.generation += 1
        elif os.path.realpath(self._path) != self._file or (
            _identity(self._index_file, missing_ok=True) != self._index_identity
        ):
            raise IndexReplaced("the database, or its WAL index, is elsewhere by now")
        elif self._connection.immutable and not is_immutable(Path(self._file)):
            raise IndexReplaced("the database can be written by now")
        # Where the file is replaced while it is opened, the next call finds another identity.
        self._next_stat = monotonic() + _STAT_INTERVAL_S

    def _open(self) -> None:
        self._identity = _identity(self._path)
        # By the name that SQLite would make of it, since the WAL and its index have their names by that.
        self._file = os.path.realpath(self._path)
        self._index_file = f"{self._file}-shm"
        # As everybody else does: a reader who is not the owner must not make a WAL that the owner can't write.
        self._connection = connect(Path(self._file), read_only=True, timeout=self._timeout)
        self._cursor = self._connection.cursor()
        self._data_version = None
        self._headers = None
        # The first read opens the WAL index, which is then there to be mapped, and stays.
        self.rows(EPOCH)
        wal = self.rows("PRAGMA journal_mode")[0][0] == "wal"
        self._index = wal_index.mapped(self._index_file) if wal else None
        self._index_identity = _identity(self._index_file, missing_ok=True)


def _identity(path: str, *, missing_ok: bool = False) -> Identity:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        if missing_ok:
            return None
        raise
    return status.st_dev, status.st_ino
