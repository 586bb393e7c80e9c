"""Lines of the table as they were drawn, so that one that comes back costs little. Pure: the table draws."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import NamedTuple

from textual.strip import Strip

_MOST = 1000
"""Enough for both ends of the list and the way between them."""

Texts = tuple[str, ...]
"""What stands in the columns of a line."""


class Line(NamedTuple):
    """A row of the list as it looks: its place in it, whether the cursor is on it, and whether it is marked."""

    place: int
    has_cursor: bool
    is_marked: bool


class _Drawn(NamedTuple):
    strip: Strip
    texts: Texts
    ticks: int
    """How often time had passed when the texts were right."""


class DrawnLines:
    """At most `_MOST`; all are forgotten when one more comes."""

    def __init__(self) -> None:
        self._drawn: dict[Line, _Drawn] = {}
        self._ticks = 0

    def get(self, line: Line, texts: Callable[[], Texts]) -> Strip | None:
        """The line, where it was drawn with the texts that it has now: asked for where time has passed since."""
        drawn = self._drawn.get(line)
        if drawn is not None and drawn.ticks != self._ticks:
            if drawn.texts != texts():
                return None
            self._drawn[line] = drawn._replace(ticks=self._ticks)
        return None if drawn is None else drawn.strip

    def keep(self, line: Line, strip: Strip, texts: Texts) -> None:
        """Keeps a line that was drawn with these texts."""
        if len(self._drawn) >= _MOST:
            self._drawn.clear()
        self._drawn[line] = _Drawn(strip, texts, self._ticks)

    def time_passed(self) -> None:
        """Each line may have other texts by now."""
        self._ticks += 1

    def forget(self, places: Container[int]) -> None:
        """For rows that are others than before."""
        self._drawn = {line: drawn for line, drawn in self._drawn.items() if line.place not in places}

    def forget_others(self, places: Container[int]) -> None:
        """For all rows but these."""
        self._drawn = {line: drawn for line, drawn in self._drawn.items() if line.place in places}

    def clear(self) -> None:
        """For every row."""
        self._drawn.clear()
