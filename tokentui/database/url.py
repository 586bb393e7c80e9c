"""Where the database is: a SQLAlchemy URL or the path of an SQLite file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tokentui.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import URL

_HINT = "write sqlite:///FILE, the path of a file, or postgresql://USER@HOST/DATABASE"
_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def shown_url(url: URL) -> str:
    """The URL as it may be shown: whatever may be a password in it is `***`."""
    hidden = {name: "***" if "password" in name.lower() else value for name, value in url.query.items()}
    return url.set(drivername=url.get_backend_name(), query=hidden).render_as_string(hide_password=True)


def holds_password(name: str) -> bool:
    """Whether a database's name, as an operator gives it, is a URL with a password in it."""
    if "://" not in name:
        return False
    from sqlalchemy import exc, make_url

    try:
        url = make_url(name)
    except (exc.ArgumentError, ValueError):
        return False
    return url.password is not None or any("password" in key.lower() for key in url.query)


def parse_url(name: str) -> tuple[URL, Path | None]:
    """A SQLAlchemy URL or a path → the URL, and the path where it is an SQLite file; raises DatabaseError."""
    from sqlalchemy import URL, exc, make_url

    if "://" in name:
        try:
            url = make_url(name)
        except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
            raise DatabaseError("the database URL can't be read", _HINT) from None
        if url.drivername in _POSTGRESQL:
            return url.set(drivername="postgresql+psycopg"), None
        if url.drivername not in _SQLITE:
            raise DatabaseError(f"there is no support for {url.drivername!r} databases", _HINT)
        if url.query:
            raise DatabaseError("an SQLite URL takes no options after ?", "write sqlite:///FILE, or a path")
        if url.host or url.username or url.password or url.port:
            raise DatabaseError("an SQLite URL names no host", "write sqlite:///FILE, with three slashes, or a path")
        name = url.database or ""
    path = parse_path(name)
    return URL.create("sqlite", database=str(path)), path


def parse_path(name: str) -> Path:
    """The path of an SQLite file, which is not looked at; raises DatabaseError."""
    if not name or name == ":memory:":
        raise DatabaseError("a database in memory holds no tokens", "name a file")
    if "\0" in name:
        raise DatabaseError("the database's name holds a NUL", "name a file")
    return Path(os.path.expanduser(name))  # Path.expanduser raises where there is no such user
