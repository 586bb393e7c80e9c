"""The short list under the filter of what it could go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from tokentui.listing.completion import Suggestion


class CompletionList(Static):
    """A line for each suggestion, over the rows; closed while there is none."""

    class Clicked(Message):
        """A suggestion was clicked: it is the chosen one."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._offered: tuple[Suggestion, ...] = ()
        self._index: int | None = None
        self.display = False

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self._offered)

    @property
    def is_gone_to(self) -> bool:
        """Whether the arrows have been used on the list."""
        return self._index is not None

    @property
    def chosen(self) -> Suggestion | None:
        """The one that is highlighted, or else the first."""
        return self._offered[self._index or 0] if self._offered else None

    def show(self, offered: tuple[Suggestion, ...], x: int) -> None:
        """Shows suggestions, from the cell `x` of the filter on; none closes the list."""
        self._offered, self._index = offered, None
        self.display = bool(offered)
        if offered:
            self._draw()
            width = max(sum(map(len, line)) for line in self._lines()) + 3
            self.styles.offset = (max(0, min(x - 1, self.screen.size.width - width - 1)), 0)

    def move(self, by: int) -> None:
        """Highlights the next one or the one before, and round."""
        start = -1 if self._index is None and by > 0 else self._index or 0
        self._index = (start + by) % len(self._offered)
        self._draw()

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self._offered):
            self._index = event.y
            self.post_message(self.Clicked())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.prevent_default()  # the focus stays in the filter

    def _lines(self) -> list[tuple[str, str]]:
        width = max(len(suggestion.text) for suggestion in self._offered)
        return [
            (suggestion.text.ljust(width), f"  {suggestion.meaning}" if suggestion.meaning else "")
            for suggestion in self._offered
        ]

    def _draw(self) -> None:
        lines = []
        for index, (text, meaning) in enumerate(self._lines()):
            lit = index == self._index
            lines.append(
                Content.assemble(
                    (f"{'▸' if lit else ' '}{text}", "bold reverse" if lit else "bold"),
                    (meaning, "reverse" if lit else "$text-muted"),
                )
            )
        self.update(Content("\n").join(lines))
