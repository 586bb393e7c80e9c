"""A line of keys: under a screen what its state offers, in a dialog how it is answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

GAP = 2
"""Cells between two entries."""

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_S = 0.1


class Waits(Protocol):
    """A screen that says what it waits for."""

    def waiting_text(self, width: int) -> str:
        """What is waited for, and how to end that, in so many cells."""


class KeyEntry(NamedTuple):
    """A key as people read it, what it does, and the name that a click reports (empty: a click does nothing).

    Where there is no room for all, those of a higher rank are left out.
    """

    key: str
    label: str
    name: str = ""
    rank: int = 0

    @property
    def width(self) -> int:
        """Cells of key, blank and label."""
        return Content(self.key).cell_length + 1 + Content(self.label).cell_length


class KeyLine(Widget):
    """Entries side by side, whole ones only: those of the highest rank are left out where there is no room."""

    busy: reactive[bool] = reactive(False)
    """Whether it shows what is waited for in place of the keys."""

    @dataclass
    class Chosen(Message):
        """A click on an entry."""

        name: str
        """The name of the entry."""

    def __init__(
        self,
        entries: Sequence[KeyEntry] = (),
        *,
        always: Sequence[KeyEntry] = (),
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._entries = tuple(entries)
        self._always = tuple(always)

    def show(self, entries: Sequence[KeyEntry], *, always: Sequence[KeyEntry] = ()) -> None:
        """Shows other entries; `always` stand at the end and keep their room."""
        if (tuple(entries), tuple(always)) != (self._entries, self._always):
            before = self.shown()
            self._entries, self._always = tuple(entries), tuple(always)
            if before != self.shown():
                self.refresh()

    def watch_busy(self, busy: bool) -> None:
        """Turns the spinner while something is waited for."""
        self.auto_refresh = _FRAME_S if busy else None

    def shown(self) -> list[KeyEntry]:
        """The entries that there is room for."""
        always = _fitting(self._always, self.size.width)
        room = self.size.width - sum(entry.width + GAP for entry in always)
        return [*_fitting(self._entries, room), *always]

    def render(self) -> RenderResult:
        """What is waited for, or the entries."""
        if self.busy:
            frame = _FRAMES[int(time.monotonic() / _FRAME_S) % len(_FRAMES)]
            return Content(f"{frame} {cast(Waits, self.screen).waiting_text(self.size.width - 2)}")
        parts = (
            Content.assemble((entry.key, "bold $footer-key-foreground"), f" {entry.label}") for entry in self.shown()
        )
        return Content(" " * GAP).join(parts)

    def on_click(self, event: events.Click) -> None:
        """Finds the entry under the pointer."""
        offset = event.get_content_offset(self)
        left = 0
        for entry in self.shown() if offset is not None and not self.busy else ():
            if offset is not None and left <= offset.x < left + entry.width:
                if entry.name:
                    self.post_message(self.Chosen(entry.name))
                return
            left += entry.width + GAP


def _fitting(entries: Sequence[KeyEntry], room: int) -> list[KeyEntry]:
    """The entries that have room, from the lowest rank on, in their order."""
    fitting: set[int] = set()
    for place, entry in sorted(enumerate(entries), key=lambda pair: pair[1].rank):
        room -= entry.width + (GAP if fitting else 0)
        if room < 0:
            break
        fitting.add(place)
    return [entry for place, entry in enumerate(entries) if place in fitting]
