"""Which classes of responses stand on which rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tokentui.ui.chart.scale import Scale, full_scale, round_scale

_LEAST_WITH_AXIS = 3
"""Rows of the smallest panel with an axis, which is one of them."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A class (0 to 3) on rows of its own, with its own scale; `top` is the first row, counted from the chart's top.

    With an axis, the row below the last is the axis.
    """

    index: int
    top: int
    scale: Scale
    highest: int
    has_axis: bool

    @property
    def bottom(self) -> int:
        """The lowest row with bars."""
        return self.top + self.scale.rows - 1


def place_panels(highest: Sequence[int], hidden: Collection[int], rows: int) -> list[Panel]:
    """Divides `rows` rows among the classes that are shown, from the top; `highest` is each class's highest day.

    2xx has the room, errors have lanes; without 2xx the others share the room. 3xx is left out where there was none.
    """
    shown = [index for index in range(4) if index not in hidden and (index != 1 or highest[1])]
    while len(shown) > rows:  # errors are the last to go
        shown.pop(1 if shown[:2] == [0, 1] else 0)
    if not shown:
        return []
    lane = 1 if rows < 18 else 2 if rows < 34 else 3
    main = rows - lane * (len(shown) - 1)
    if shown[0] == 0 and main > 0:
        heights, with_axis = [main, *[lane] * (len(shown) - 1)], [main > _LEAST_WITH_AXIS]
    else:
        share, rest = divmod(rows, len(shown))
        heights = [share + (place < rest) for place in range(len(shown))]
        with_axis = [share >= _LEAST_WITH_AXIS] * len(shown)
    panels, top = [], 0
    for index, height, has_axis in zip_longest(shown, heights, with_axis, fillvalue=False):
        bars = height - has_axis
        scale = round_scale(highest[index], bars) if has_axis else full_scale(highest[index], bars)
        panels.append(Panel(index, top, scale, highest[index], has_axis))
        top += height
    return panels
