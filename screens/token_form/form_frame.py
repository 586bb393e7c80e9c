"""The frame of the wizard and of the edit form: its title says where one is, and how much is chosen."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content

_CORNERS = 6
"""Cells of the top line that are not the title's: corners, a line and a space at each end."""


class FormFrame(Vertical):
    """`╭─ New token ─ 4 of 5 Permissions ─────── 2 of 24 ─╮`: the first parts give way where it is narrow."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._parts: tuple[str, ...] = ()
        self._count = ""

    def show_title(self, *parts: str, count: str = "") -> None:
        """Shows a title of some parts on the left, and a count on the right."""
        self._parts, self._count = parts, count
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        room = self.outer_size.width - _CORNERS
        parts = list(self._parts)
        while len(parts) > 1 and self._length(parts) > room:
            parts.pop(0)
        title = Content(" ─ ").join(Content(part) for part in parts)
        gap = room - self._length(parts)
        if self._count and gap >= 0:
            title = Content.assemble(title, " ", ("─" * (gap + 1), "not bold"), " ", self._count)
        self.border_title = title

    def _length(self, parts: list[str]) -> int:
        left = Content(" ─ ".join(parts)).cell_length
        return left + (Content(self._count).cell_length + 3 if self._count else 0)
