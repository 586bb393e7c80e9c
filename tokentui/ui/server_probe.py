"""Asks a database server, again and again, whether it answers and whether anything was committed."""

from __future__ import annotations

import threading

from tokentui.database.database import Database
from tokentui.database.notifications import ChangeFeed
from tokentui.errors import DatabaseError

ANSWER_S = 1.2
"""Seconds that a server has to answer; with the pause between two looks it is less than two."""

_MOST_SKIPPED = 2
"""Looks that are left out before the next attempt, once several have failed: a server that starts is not hurried."""


class ServerProbe:
    """One look after the other at a server; by one thread only. After each that fails the next waits longer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._feed = ChangeFeed(database)
        self._question: _Question | None = None
        self._problem = ""
        self._failed = self._to_skip = 0
        self.is_certain = False
        """After a server that did not answer in time: that has taken long enough."""

    def __call__(self) -> tuple[object, str]:
        """What tells a commit, where it is known; and why the server can't be asked, or nothing."""
        if self._to_skip:
            self._to_skip -= 1
            return None, self._problem
        if self._question is None:
            self._question = _Question(self._feed)
        if not self._question.answered.wait(ANSWER_S):
            # The question stays open: no second thread waits for a server that is stuck.
            self.is_certain = True
            return None, f"{self._database.name} does not answer"
        value, self._problem = self._question.value, self._question.problem
        self._question, self.is_certain = None, False
        self._failed = self._failed + 1 if self._problem else 0
        self._to_skip = min(self._failed // 2, _MOST_SKIPPED)
        return value, self._problem

    def close(self) -> None:
        """Leaves an open question to its thread, which ends with the process."""
        if self._question is None:
            self._feed.close()


class _Question:
    """Asked in a thread of its own, since nothing else bounds how long a driver waits for a line that is dead."""

    def __init__(self, feed: ChangeFeed) -> None:
        self.answered = threading.Event()
        self.value: object = None
        self.problem = ""
        self._feed = feed
        threading.Thread(target=self._ask, name="tokentui-server-probe", daemon=True).start()

    def _ask(self) -> None:
        try:
            self.value = self._feed.value()
        except DatabaseError as error:
            self.problem = error.message
        finally:
            self.answered.set()
