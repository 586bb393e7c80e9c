"""Why a connection to PostgreSQL could not be made, or was lost, as one line that says what to do.

libpq has no SQLSTATE for a connection that was not made, only the words of the server: what is common is told by them,
and where the server speaks another language its own words are shown.
"""

from __future__ import annotations

import re

UNREACHABLE = ("can't be reached", "check the URL and that the server runs")

_ANSWER = re.compile(r"failed: [^\s:]+:  (.+)")
"""What the server itself said: "FATAL", which may be translated, a colon and two spaces stand before it."""

_REASONS = {
    # SQLSTATE 28P01, invalid_password: also said of a user who is not there, so that nobody can tell.
    "password authentication failed": ("refused the password", "check user and password"),
    # 28000, invalid_authorization_specification
    r'role ".*" does not exist': ("has no such user", "check the user, or make it with `createuser`"),
    r'role ".*" is not permitted to log in': ("does not let this user log in", "check the user, or ALTER ROLE … LOGIN"),
    r"no pg_hba\.conf entry": ("lets nobody in from here as this user", "add a line to the server's pg_hba.conf"),
    r"(Peer|Ident) authentication failed": ("takes this user for another", "connect as the user of the same name"),
    # 3D000, invalid_catalog_name
    r'database ".*" does not exist': ("is not there", "make it with `createdb`"),
    # 57P03, cannot_connect_now
    "the database system is": ("is being shut down or started", "try again in a moment"),
    # 53300, too_many_connections
    "(sorry, )?too many (clients|connections)|remaining connection slots": (
        "has no connection left", "raise max_connections, or end other programs",
    ),
}  # fmt: skip


def connection_error(error: BaseException) -> tuple[str, str] | None:
    """What is wrong and what to do, for an error of psycopg that has no SQLSTATE; None where it is of another kind."""
    connection = getattr(error, "pgconn", None)
    if connection is None:
        return None
    text = str(error)
    if answer := _ANSWER.search(text):
        for pattern, reason in _REASONS.items():
            if re.match(pattern, answer[1]):
                return reason
        return f"refused the connection: {answer[1].strip()}", "check the URL and the server's configuration"
    if connection.needs_password:
        return "wants a password", "give it in the URL, or in PGPASSWORD or ~/.pgpass"
    return UNREACHABLE
