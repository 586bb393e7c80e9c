"""Lines of the table as they were drawn, so that one that comes back costs little. Pure: the table draws."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from textual.strip import Strip

_MOST = 1000
"""Enough for both ends of the list and the way between them."""


class Line(NamedTuple):
    """A row of the list as it looks: its place in it, whether the cursor is on it, and whether it is marked."""

    place: int
    has_cursor: bool
    is_marked: bool


class DrawnLines:
    """At most `_MOST`; all are forgotten when one more comes."""

    def __init__(self) -> None:
        self._strips: dict[Line, Strip] = {}

    def get(self, line: Line) -> Strip | None:
        """The line, where it was drawn before."""
        return self._strips.get(line)

    def keep(self, line: Line, strip: Strip) -> None:
        """Keeps a line that was drawn."""
        if len(self._strips) >= _MOST:
            self._strips.clear()
        self._strips[line] = strip

    def forget(self, places: Container[int]) -> None:
        """For rows of another text than before."""
        self._strips = {line: strip for line, strip in self._strips.items() if line.place not in places}

    def forget_others(self, places: Container[int]) -> None:
        """For all rows but these."""
        self._strips = {line: strip for line, strip in self._strips.items() if line.place in places}

    def clear(self) -> None:
        """For every row."""
        self._strips.clear()
