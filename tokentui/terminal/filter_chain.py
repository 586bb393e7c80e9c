"""Several of Textual's line filters as one: each would make a strip of its own of every line, with its caches."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class FilterChain(LineFilter):
    """What a line becomes that goes through `filters`, one after the other."""

    def __init__(self, filters: Sequence[LineFilter]) -> None:
        super().__init__()
        self.filters = tuple(filters)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a line, as the last filter leaves them."""
        for line_filter in self.filters:
            segments = line_filter.apply(segments, background)
        return segments
