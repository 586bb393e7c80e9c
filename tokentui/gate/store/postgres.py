"""A gate's rows from a database server, which is asked for its epoch at each request."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from tokentui.gate.store.queries import ALL_SECRETS, BY_DIGEST, COLUMNS, EPOCH, SecretRow


class PostgresConnection:
    """Borrows one of the engine's connections for each statement.

    Nothing is believed for longer than a request: the epoch is read with the rows, or before what is kept is used. So
    no decision is made by what a commit has changed before the request came. A row and the epoch that it is kept under
    are read by one statement, and so at one moment.
    """

    # One statement for both: on the way to a server there is nothing to gain by a shorter one.
    rows_tell_epoch = True
    newest_secret = all_secrets = ALL_SECRETS.format(
        columns=COLUMNS.format(epoch=f"({EPOCH})", join="string_agg"), id="%(id)s"
    )

    by_digest = BY_DIGEST.format(columns=COLUMNS.format(epoch=f"({EPOCH})", join="string_agg"), digest="%(id)s")

    def __init__(self, engine: Engine) -> None:
        # Without BEGIN and ROLLBACK: each would be a way to the server and back.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.generation = 0

    def changed(self) -> bool:
        """Always true: what a server commits can't be watched from here, so the epoch is read and compared instead."""
        return True

    def rows(self, statement: str, *parameters: int | bytes) -> Sequence[SecretRow]:
        """All rows, in a transaction of its own."""
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(statement, {"id": parameters[0]} if parameters else {}).all()

    def close(self) -> None:
        """Nothing: connections go back to the pool."""
