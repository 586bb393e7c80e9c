"""Tells whether an app still works on the last key: an action that may open a dialog, or a screen that is being read.

The queue of keys asks before it hands on the next one.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from textual.app import App
from textual.screen import Screen
from textual.worker import Worker

READING = "read "
"""The prefix of the groups of those workers that only read what a screen shows."""


class PendingWork:
    """The workers of an app that the next key has to wait for."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._filled: WeakSet[Screen[Any]] = WeakSet()
        self._earlier: WeakSet[Worker[Any]] = WeakSet()
        self.waiting_for_dialog: WeakSet[Worker[Any]] = WeakSet()
        """Workers that have opened a screen and wait for its answer."""

    def begin_key(self) -> None:
        """To be called before a key is handled: the next key does not wait for workers that run already."""
        self._earlier = WeakSet(worker for worker in self._acting() if worker not in self.waiting_for_dialog)

    def is_under_way(self) -> bool:
        """Whether there is anything to wait for before the next key."""
        screen = self._app.screen
        if screen not in self._filled and not any(self._reads(screen)):
            self._filled.add(screen)
        acting = any(worker not in self.waiting_for_dialog and worker not in self._earlier for worker in self._acting())
        return acting or screen not in self._filled

    def _reads(self, screen: Screen[Any]) -> list[Worker[Any]]:
        workers = self._app.workers
        return [
            worker
            for worker in workers
            if worker.is_running and worker.node is screen and worker.group.startswith(READING)
        ]

    def _acting(self) -> list[Worker[Any]]:
        return [worker for worker in self._app.workers if worker.is_running and not worker.group.startswith(READING)]
