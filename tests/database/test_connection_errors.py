"""Why there is no connection to a server: the errors as libpq words them, which has no SQLSTATE for them."""

from __future__ import annotations

import pytest

from tokentui.database.driver_errors import database_error

AT = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


class Connection:
    """The part of psycopg's connection that is looked at."""

    def __init__(self, *, needs_password: bool) -> None:
        self.needs_password = needs_password


class NoConnection(Exception):
    """As psycopg raises it."""

    sqlstate = None

    def __init__(self, text: str, *, needs_password: bool = False) -> None:
        super().__init__(text)
        self.pgconn = Connection(needs_password=needs_password)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('FATAL:  password authentication failed for user "alice"', "x refused the password: check user and password"),
        ('FATAL:  role "alice" does not exist', "x has no such user: check the user, or make it with `createuser`"),
        ('FATAL:  role "alice" is not permitted to log in', "x does not let this user log in: "),
        ('FATAL:  database "nodb" does not exist', "x is not there: make it with `createdb`"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.5", user "a"', "x lets nobody in from here as this user: "),
        ('FATAL:  Peer authentication failed for user "alice"', "x takes this user for another: "),
        ("FATAL:  the database system is starting up", "x is being shut down or started: try again"),
        ("FATAL:  sorry, too many clients already", "x has no connection left: raise max_connections"),
        ("FATAL:  too many connections for role", "x has no connection left: "),
        ("FATAL:  remaining connection slots are reserved for roles", "x has no connection left: "),
        # In the server's language
        ("FATAL:  Passwort-Authentifizierung fehlgeschlagen", "x refused the connection: Passwort-Authentifizierung"),
        ("ВАЖНО:  роль не существует", "x refused the connection: роль не существует: check the URL"),
        ("Connection refused\n\tIs the server running on that host?", "x can't be reached: check the URL"),
    ],
)
def test_a_connection_that_is_not_made(said: str, told: str) -> None:
    assert str(database_error(NoConnection(AT + said), "x")).startswith(told)


def test_a_password_that_is_not_given() -> None:
    error = NoConnection(AT + "fe_sendauth: no password supplied", needs_password=True)
    assert str(database_error(error, "x")) == "x wants a password: give it in the URL, or in PGPASSWORD or ~/.pgpass"


def test_a_connection_that_is_lost() -> None:
    error = NoConnection("consuming input failed: server closed the connection unexpectedly")
    assert str(database_error(error, "x")).startswith("x can't be reached")
