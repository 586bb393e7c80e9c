"""What tests write into a database, and read out of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tokentui.database.database import Database

NO_WAIT = timedelta(0)


def names(database: Database) -> list[str]:
    """What `add` has put there."""
    with database.read() as session:
        return [row[0] for row in session.connection().exec_driver_sql("SELECT name FROM meta ORDER BY name")]


def add(database: Database, *facts: str, commit: bool = True) -> None:
    """Writes facts in one transaction."""
    with database.write() as session:
        for fact in facts:
            session.connection().exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, x'00')", (fact,))
        if commit:
            session.commit()


def whole(file: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file."""
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
