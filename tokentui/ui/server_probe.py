"""Asks a database server, again and again, whether it answers."""

from __future__ import annotations

import threading

from tokentui.database.database import Database
from tokentui.errors import DatabaseError

ANSWER_S = 1.2
"""Seconds that a server has to answer; with the pause between two looks it is less than two."""


class ServerProbe:
    """One look after the other at a server; by one thread only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._question: _Question | None = None
        self.is_certain = False
        """After a server that did not answer in time: that has taken long enough."""

    def __call__(self) -> tuple[object, str]:
        """Nothing that tells a commit; and why the server can't be asked, or nothing."""
        if self._question is None:
            self._question = _Question(self._database)
        if self._question.answered.wait(ANSWER_S):
            problem, self._question, self.is_certain = self._question.problem, None, False
            return None, problem
        # The question stays open: no second thread waits for a server that is stuck.
        self.is_certain = True
        return None, f"{self._database.name} does not answer"

    def close(self) -> None:
        """Leaves an open question to its thread, which ends with the process."""


class _Question:
    """Asked in a thread of its own, since nothing else bounds how long a driver waits for a line that is dead."""

    def __init__(self, database: Database) -> None:
        self.answered = threading.Event()
        self.problem = ""
        self._database = database
        threading.Thread(target=self._ask, name="tokentui-server-probe", daemon=True).start()

    def _ask(self) -> None:
        try:
            with self._database.read() as session:
                session.connection()  # the pool asks the server before it lends one that was used before
        except DatabaseError as error:
            self.problem = error.message
        finally:
            self.answered.set()
