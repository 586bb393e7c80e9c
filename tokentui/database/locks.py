"""Locks of a server that stand for something other than a row; on SQLite a write has the whole database to itself."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SPACE = 0x746F6B74
"""The first half of our advisory locks' keys, so that they are nobody else's: `tokt` in ASCII."""

_MILLISECOND = timedelta(milliseconds=1)


class Lock(IntEnum):
    """What can be locked; the numbers are the second half of the key."""

    SCHEMA = 1
    CATALOG = 2
    """Whoever gives a token modules holds it shared, so that the catalogue is not replaced meanwhile."""
    MASTER_KEY = 3
    """Which master key a database has, while it has none."""


def hold(connection: Connection, lock: Lock, *, shared: bool = False) -> None:
    """Holds a lock until the open transaction ends; waits for whoever has it."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy import text

        kind = "_shared" if shared else ""
        statement = text(f"SELECT pg_advisory_xact_lock{kind}(:space, :lock)")
        connection.execute(statement, {"space": _SPACE, "lock": int(lock)})


def wait_at_most(connection: Connection, time: timedelta) -> None:
    """How long a statement of the open transaction waits for a lock on a server; then it is refused as locked."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy import text

        statement = text("SELECT set_config('lock_timeout', :milliseconds, true)")
        connection.execute(statement, {"milliseconds": str(time // _MILLISECOND)})
