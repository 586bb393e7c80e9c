"""What is waited for, with a spinner, while a change takes its time."""

from __future__ import annotations

import time
from typing import cast

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tokentui.screens.base import ServiceCalls

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_S = 0.1


class Waiting(Widget):
    """What is waited for, and the key that ends the waiting; there while `busy` is true."""

    busy: reactive[bool] = reactive(False)

    def on_mount(self) -> None:
        self.display = self.busy

    def watch_busy(self, busy: bool) -> None:
        self.display = busy
        self.auto_refresh = _FRAME_S if busy else None

    def render(self) -> RenderResult:
        frame = _FRAMES[int(time.monotonic() / _FRAME_S) % len(_FRAMES)] if self.busy else ""
        return Content(f"{frame} {cast(ServiceCalls, self.screen).waiting_text(self.size.width - 2)}")
