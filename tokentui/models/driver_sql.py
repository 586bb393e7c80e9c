"""What runs a statement as the driver takes it: a connection of SQLAlchemy, or one of ours to an SQLite file."""

from __future__ import annotations

from typing import Any, Protocol


class DriverSql(Protocol):
    """Has the method of SQLAlchemy's connections, whose result has at least what a cursor of DB-API 2 has."""

    def exec_driver_sql(self, statement: str, parameters: Any = None, /) -> Any:
        """Runs a statement; a list of rows has it run for each of them."""
