"""Tells whether anything has been committed to a PostgreSQL database since the last look."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, exc

from tokentui.database.database import Database
from tokentui.database.driver_errors import translated

_CHANNEL = "tokentui"
# Also what a server behind pgbouncer says that hands notifications to nobody: changes of tokens show all the same.
_LOOK = "SELECT (SELECT value FROM epoch WHERE id = 1), (SELECT max(id) FROM audit)"


class ChangeFeed:
    """Listens on a connection of its own, which it opens again after an error. One thread only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._told = 0

    def value(self) -> tuple[int, ...]:
        """Differs from the last value if something was committed, or may have been while no connection was open.

        Asks the server each time; raises DatabaseError where it does not answer as it should.
        """
        with translated(self._database.name):
            try:
                if self._connection is None:
                    self._connection = self._opened()
                looked = self._connection.exec_driver_sql(_LOOK).one()
            except BaseException:
                self.close()
                raise
        return (self._told, *(number or 0 for number in looked))

    def close(self) -> None:
        """Closes the connection; `value` opens a new one."""
        if self._connection is not None:
            with suppress(exc.SQLAlchemyError):
                self._connection.invalidate()  # it listens: nobody else is to be lent it
                self._connection.close()
            self._connection = None

    def _opened(self) -> Connection:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            driver_connection = connection.connection.driver_connection
            assert driver_connection is not None
            driver_connection.add_notify_handler(self._count)
            connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        self._told += 1
        return connection

    def _count(self, notification: object) -> None:
        """Called while the answer of a look is read."""
        self._told += 1
