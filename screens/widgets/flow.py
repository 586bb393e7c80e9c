"""Short items side by side, in as many lines as the width makes needful; none is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget


class Flow(Widget):
    """Shows items, and says which one was clicked."""

    @dataclass
    class Chosen(Message):
        """A click on an item."""

        flow: Flow
        """The widget that was clicked."""
        key: str
        """The key of the item."""

        @property
        def control(self) -> Flow:
            """The widget itself, for Textual's `@on` with a selector."""
            return self.flow

    def __init__(self, items: Sequence[tuple[str, Content]] = (), *, gap: int = 3, id: str | None = None) -> None:
        super().__init__(id=id)
        self._items = tuple(items)
        self._gap = gap
        self._stacked = False

    @property
    def items(self) -> tuple[tuple[str, Content], ...]:
        """What it shows: each with the key that a click reports."""
        return self._items

    def show(self, items: Sequence[tuple[str, Content]], *, stacked: bool = False) -> None:
        """Shows other items, each with the key that a click reports; `stacked` gives each a line of its own."""
        if (tuple(items), stacked) != (self._items, self._stacked):
            self._items, self._stacked = tuple(items), stacked
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All items on one line."""
        return sum(content.cell_length for _, content in self._items) + self._gap * max(0, len(self._items) - 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines that the items need."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """The items, line by line."""
        gap = Content(" " * self._gap)
        return Content("\n").join(gap.join(content for _, content in line) for line in self._lines(self.size.width))

    def on_click(self, event: events.Click) -> None:
        """Finds the item under the pointer."""
        lines = self._lines(self.size.width)
        x = 0
        for key, content in lines[event.y] if event.y < len(lines) else ():
            if x <= event.x < x + content.cell_length:
                self.post_message(self.Chosen(self, key))
                return
            x += content.cell_length + self._gap

    def _lines(self, width: int) -> list[list[tuple[str, Content]]]:
        lines: list[list[tuple[str, Content]]] = []
        used = 0
        for item in self._items:
            length = item[1].cell_length
            if lines and not self._stacked and used + self._gap + length <= width:
                lines[-1].append(item)
                used += self._gap + length
            else:
                lines.append([item])
                used = length
        return lines
