"""Where the database is: a SQLAlchemy URL or the path of an SQLite file."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, exc, make_url

from tokentui.errors import DatabaseError


def parse_url(name: str) -> tuple[URL, Path | None]:
    """A SQLAlchemy URL or a path → the URL, and the path where it is an SQLite file."""
    if "://" in name:
        try:
            url = make_url(name)
        except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
            raise DatabaseError("the database URL can't be read", "write sqlite:///FILE or a path") from None
        if url.get_backend_name() != "sqlite":
            return url, None
        name = url.database or ""
    if not name or name == ":memory:":
        raise DatabaseError("a database in memory holds no tokens", "name a file")
    if "\0" in name:
        raise DatabaseError("the database's name holds a NUL", "name a file")
    path = Path(os.path.expanduser(name))  # Path.expanduser raises where there is no such user
    return URL.create("sqlite", database=str(path)), path
