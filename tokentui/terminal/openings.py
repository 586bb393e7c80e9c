"""Whether a screen is about to open: an action is at work that may ask something, or a screen reads what it shows."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from textual.app import App
from textual.screen import Screen
from textual.worker import Worker

READING = "read "
"""How the groups of workers begin that only read what a screen shows."""


class Openings:
    """What the workers of an app are at."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._filled: WeakSet[Screen[Any]] = WeakSet()
        self._earlier: WeakSet[Worker[Any]] = WeakSet()
        self.at_dialog: WeakSet[Worker[Any]] = WeakSet()
        """Workers that have opened a screen and wait for its answer."""

    def begin(self) -> None:
        """A key is about to be handled: what is at work already has nothing to do with it."""
        self._earlier = WeakSet(worker for worker in self._at_work() if worker not in self.at_dialog)

    def are_under_way(self) -> bool:
        """Whether there is anything to wait for before the next key."""
        screen = self._app.screen
        if screen not in self._filled and not any(self._reads(screen)):
            self._filled.add(screen)
        acting = any(worker not in self.at_dialog and worker not in self._earlier for worker in self._at_work())
        return acting or screen not in self._filled

    def _reads(self, screen: Screen[Any]) -> list[Worker[Any]]:
        workers = self._app.workers
        return [each for each in workers if each.is_running and each.node is screen and each.group.startswith(READING)]

    def _at_work(self) -> list[Worker[Any]]:
        return [each for each in self._app.workers if each.is_running and not each.group.startswith(READING)]
