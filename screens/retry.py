"""Trying again what failed, by itself, with one timer however often it fails meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

AFTER_S = 2.0
"""Seconds until a read that failed is tried again."""


class Retry:
    """Calls `action` once, `AFTER_S` after the first of any number of calls to `later`."""

    def __init__(self, screen: Screen[Any], action: Callable[[], object]) -> None:
        self._screen = screen
        self._action = action
        self._timer: Timer | None = None

    @property
    def is_waiting(self) -> bool:
        return self._timer is not None

    def later(self) -> None:
        if self._timer is None:
            self._timer = self._screen.set_timer(AFTER_S, self._again)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _again(self) -> None:
        self._timer = None
        self._action()
