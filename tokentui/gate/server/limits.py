"""How many connections are held, for how long a silent one is, and how large a request's head may be."""

from __future__ import annotations

import logging
import resource
from time import monotonic
from typing import Protocol

_LOG = logging.getLogger(__name__)

HEADERS_TIMEOUT_S = 10.0
"""How long the head of a request may take, from the connection's or the request's first byte on."""

IDLE_TIMEOUT_S = 90.0
"""How long a connection may be open without a further request. Longer than uvicorn keeps one, as a last resort."""

MAX_HEAD_BYTES = 65_536
MAX_HEADERS = 100
"""As Apache and gunicorn have it."""

ACCEPT_BATCH = 32
"""Connections that are accepted before the ones before them are counted; asyncio takes them in lots of this size."""

_MAX_CONNECTIONS = 10_000
_RESERVED_FILES = 128
"""Files that are left for databases, logs, standard streams and libraries. Three batches of connections that are
accepted and not yet counted come on top."""

_LOG_INTERVAL_S = 60.0


class TrackedConnection(Protocol):
    """A connection, as this module needs it."""

    used_at: float
    """When its last request began or ended, by the monotonic clock."""

    def abort(self) -> None:
        """Closes it at once."""


def max_connections() -> int:
    """As many as the process may have files open, less those that it needs for other things."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return max(16, min(_MAX_CONNECTIONS, soft - _RESERVED_FILES - 3 * ACCEPT_BATCH))


class Connections:
    """The connections of a server that are open, and since when each has owed the head of a request."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: set[TrackedConnection] = set()
        self._waiting: dict[TrackedConnection, float] = {}
        self._logged_at = -_LOG_INTERVAL_S

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: TrackedConnection) -> None:
        """Adds a new connection; where there are too many, closes the one that has been silent longest."""
        self._open.add(connection)
        self.wait(connection)
        if len(self._open) > self._limit:
            self._close_longest_silent(connection)

    def remove(self, connection: TrackedConnection) -> None:
        """Forgets a connection that is closed."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def wait(self, connection: TrackedConnection) -> None:
        """Notices that a connection owes the head of a request from now on."""
        self._waiting.pop(connection, None)  # so that it is the last one now
        connection.used_at = self._waiting[connection] = monotonic()

    def served(self, connection: TrackedConnection) -> None:
        """Notices that the head of a request has arrived whole."""
        self._waiting.pop(connection, None)
        connection.used_at = monotonic()

    def close_overdue(self) -> None:
        """Closes those whose request's head has taken too long, and those that have been idle for too long."""
        now = monotonic()
        for connection, since in list(self._waiting.items()):
            if now - since < HEADERS_TIMEOUT_S:
                break
            self._close(connection)
        for connection in [connection for connection in self._open if now - connection.used_at >= IDLE_TIMEOUT_S]:
            self._close(connection)

    def _close_longest_silent(self, new: TrackedConnection) -> None:
        now = monotonic()
        if now - self._logged_at >= _LOG_INTERVAL_S:
            self._logged_at = now
            _LOG.warning("%d connections are open, the most there may be: the longest silent are closed", self._limit)
        # One that has never asked before one that keeps its connection for the next request.
        oldest = next(iter(self._waiting))
        if oldest is new:
            oldest = min(self._open, key=lambda connection: connection.used_at)
        self._close(oldest)

    def _close(self, connection: TrackedConnection) -> None:
        self.remove(connection)
        connection.abort()
