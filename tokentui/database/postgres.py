"""Opening a database on a server."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, exc

from tokentui.database.schema import known, revision
from tokentui.errors import DatabaseError


def network_engine(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except (exc.NoSuchModuleError, ImportError) as error:
        hint = "install tokentui[postgres], or use an SQLite file"
        raise DatabaseError(f"no driver for {url.drivername}", hint) from error


def schema_of_server(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            return known(revision(connection), engine.url.render_as_string(hide_password=True))
    except exc.SQLAlchemyError:
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseError(f"{shown} can't be reached", "check the URL and that the server runs") from None
