"""Opening a PostgreSQL database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, exc

from tokentui.database.connection_errors import UNREACHABLE
from tokentui.database.driver_errors import database_error
from tokentui.database.schema import checked_revision, revision
from tokentui.database.url import shown_url
from tokentui.errors import DatabaseError

OLDEST = 13
"""The oldest version of PostgreSQL that is supported."""

READ_ONE_MOMENT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""The execution options of a connection that only reads: all its statements see what was committed at the first."""

_CONNECTION = {
    "connect_timeout": "5",
    # Seconds, and milliseconds in the last: a server that went without a word is given up, and the gate is closed.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
"""What libpq is told where the URL says nothing else."""

_PREPARE = "prepare_threshold"
"""In the URL: after how many times psycopg has a statement prepared; `none` is for a pooler that can't."""


def postgres_engine(url: URL) -> Engine:
    """An engine on a server; nothing is asked of it yet. Raises DatabaseError where the driver is not installed."""
    try:
        arguments = connect_args(url)  # read from the URL before it is taken off it
        return create_engine(url.difference_update_query([_PREPARE]), pool_pre_ping=True, connect_args=arguments)
    except (exc.NoSuchModuleError, ImportError) as error:
        hint = "install tokentui[postgres], or use an SQLite file"
        raise DatabaseError(f"no driver for {url.drivername}", hint) from error


def connect_args(url: URL) -> dict[str, Any]:
    """What a connection is opened with besides the URL."""
    # Whatever PGCLIENTENCODING says: every text is UTF-8 on its way.
    arguments: dict[str, Any] = {"client_encoding": "utf8"}
    arguments |= {name: value for name, value in _CONNECTION.items() if name not in url.query}
    if (times := url.query.get(_PREPARE)) is not None:
        if times != "none" and not (isinstance(times, str) and times.isdecimal()):
            raise DatabaseError(f"{_PREPARE} in the database URL is no number", "write `none`, or how many times")
        arguments[_PREPARE] = None if times == "none" else int(times)
    return arguments


def refuse_version(number: int, shown: str) -> None:
    """Raises DatabaseError for a server that is too old; `number` is its `server_version_num`."""
    if number < OLDEST * 10_000:
        # https://www.postgresql.org/docs/current/runtime-config-preset.html: 90624 is 9.6.24, 130005 is 13.5.
        version = str(number // 10_000) if number >= 100_000 else f"{number // 10_000}.{number // 100 % 100}"
        hint = f"use PostgreSQL {OLDEST} or later, or an SQLite file"
        raise DatabaseError(f"{shown} is on PostgreSQL {version}, which is too old", hint)


def refuse_without_rights(connection: Connection, shown: str) -> None:
    """Raises DatabaseError where the role may make no tables on a server, before it is tried."""
    if connection.dialect.name != "postgresql":
        return
    role, schema, may_create = connection.exec_driver_sql(
        "SELECT current_user, current_schema(), has_schema_privilege(current_schema(), 'CREATE')"
    ).one()
    if not may_create:
        hint = (
            f"GRANT CREATE ON SCHEMA {schema or 'public'} to it, or let the database's owner run `tokentui db upgrade`"
        )
        raise DatabaseError(f"the role {role} may make no tables in {shown}", hint)


def schema_of_server(engine: Engine) -> str:
    """The database's revision, empty for a new one; raises DatabaseError where it can't be used."""
    shown = shown_url(engine.url)
    try:
        with engine.connect() as connection:
            refuse_version(int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0), shown)
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
            if encoding != "UTF8":
                hint = "make another with ENCODING 'UTF8' TEMPLATE template0"
                raise DatabaseError(f"{shown} is in {encoding}, and must be in UTF8", hint)
            return checked_revision(revision(connection), shown)
    except exc.DBAPIError as error:
        raise database_error(error.orig or error, shown) from None
    except exc.SQLAlchemyError:
        raise DatabaseError(f"{shown} {UNREACHABLE[0]}", UNREACHABLE[1]) from None
