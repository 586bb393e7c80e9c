"""A gate's rows from a database server, which is asked for its epoch at each request."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, text

from tokentui.gate.store.queries import ALL_SECRETS, COLUMNS, EPOCH, SecretRow


class PostgresConnection:
    """Borrows one of the engine's connections for each statement."""

    # One statement for both: on the way to a server there is nothing to gain by a shorter one.
    rows_tell_epoch = True
    newest_secret = all_secrets = ALL_SECRETS.format(
        columns=COLUMNS.format(epoch=f"({EPOCH})", join="string_agg"), id=":id"
    )

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.generation = 0

    def changed(self) -> bool:
        """Always true: what a server commits can't be watched from here, so the epoch is read and compared instead."""
        return True

    def rows(self, statement: str, *parameters: int) -> Sequence[SecretRow]:
        """All rows, in a transaction of its own."""
        with self._engine.connect() as connection:
            return connection.execute(text(statement), {"id": parameters[0]} if parameters else {}).all()

    def close(self) -> None:
        """Nothing: connections go back to the pool."""
