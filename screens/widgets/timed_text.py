"""A text that reads differently as time passes: "in 2 h", "5 min ago"."""

from __future__ import annotations

from collections.abc import Callable

from textual.visual import VisualType
from textual.widgets import Static

from tokentui.screens.base import TICK_S


class TimedText(Static):
    """Asks `text` anew every second, in the event loop, and draws it where it has changed."""

    def __init__(self, text: Callable[[], VisualType], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._text = text
        self._shown: VisualType = ""

    def on_mount(self) -> None:
        self.look()
        self.set_interval(TICK_S, self.look)

    def look(self) -> None:
        """Asks now."""
        text = self._text()
        if text != self._shown:
            self._shown = text
            self.update(text)
