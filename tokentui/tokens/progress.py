"""How far a service has come with many tokens, and the way to stop it while nothing has been committed."""

from __future__ import annotations

from threading import Lock

from tokentui.errors import Stopped


class Progress:
    """Counts what is done of `total`. The service's thread calls `advance` and `finish`, any other thread `stop`."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.done = 0
        self._lock = Lock()
        self._is_stopped = False
        self._is_finished = False

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped in time: nothing is or will be done."""
        return self._is_stopped

    def advance(self, number: int = 0) -> None:
        """So many more are done; raises Stopped, which rolls the open transaction back."""
        self.done += number
        if self._is_stopped:
            raise Stopped

    def finish(self) -> None:
        """Everything is done but the commit, which can't be stopped; raises Stopped where it was stopped before."""
        with self._lock:
            self.advance()
            self._is_finished = True

    def stop(self) -> bool:
        """Has the service do nothing at all; False where it is too late for that."""
        with self._lock:
            self._is_stopped = not self._is_finished
            return self._is_stopped
