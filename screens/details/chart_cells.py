"""How responses become cells of a chart: pure, so that every height and every gap is tested without a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tokentui.ui import wording
from tokentui.usage.series import Counts, Day, axis_step

EIGHTHS = "▁▂▃▄▅▆▇█"
FILLS = ("█", "░", "▒", "╳")
"""What fills the bar of 2xx, 3xx, 4xx, 5xx: told apart without colour."""

POINTS = ("●", "◇", "▲", "×")
"""The same for the points on a line."""

UNCOUNTED = "·"
WIDEST_SLOT = 10

Cell = tuple[int, str]
"""The index of a class, and the character that fills the cell."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How days lie on columns and numbers on rows.

    Days `first` to `first + shown` stand in slots of `slot` columns, whose left `bar` columns are drawn; `top` is the
    number at the upper edge of `rows` rows, `step` what lies between two marks of the axis.
    """

    first: int
    shown: int
    slot: int
    bar: int
    rows: int
    top: int
    step: int

    @property
    def columns(self) -> int:
        """The width of all slots."""
        return self.shown * self.slot

    def column(self, index: int) -> int:
        """The first column of a day's slot."""
        return (index - self.first) * self.slot

    def day_at(self, column: int) -> int | None:
        """The day whose slot a column belongs to."""
        return self.first + column // self.slot if 0 <= column < self.columns else None

    def marks(self) -> tuple[int, ...]:
        """The numbers marked on the axis, without the zero."""
        return tuple(range(self.step, self.top + 1, self.step))

    def row(self, number: int) -> int:
        """The row, counted from the axis, whose upper edge a number reaches."""
        return max(0, math.ceil(number / self.top * self.rows - 1e-9) - 1)


def frame(days: Sequence[Day], hidden: frozenset[int], *, columns: int, rows: int, cursor: int, stacked: bool) -> Frame:
    """Fits days into a room. Where there are more days than columns, those around `cursor` are shown."""
    columns, rows = max(1, columns), max(1, rows)
    shown = min(len(days), columns)
    slot = min(WIDEST_SLOT, columns // max(1, shown))
    heights = [visible(day.counts, hidden) for day in days]
    highest = max((sum(each) if stacked else max(each) for each in heights), default=0)
    top, step = scale(highest, rows)
    return Frame(_window(len(days), shown, cursor), shown, slot, max(1, slot - 1), rows, top, step)


def visible(counts: Counts, hidden: frozenset[int]) -> Counts:
    """The counts with nothing in the classes that are hidden."""
    two, three, four, five = (0 if index in hidden else number for index, number in enumerate(counts))
    return two, three, four, five


def scale(highest: int, rows: int) -> tuple[int, int]:
    """A round number at or above `highest`, and the step between marks: 1, 2 or 5 times a power of ten."""
    step = axis_step(highest, max(1, min(5, rows // 2)))
    return max(step, math.ceil(highest / step) * step), step


def column(counts: Counts, frame: Frame) -> list[Cell]:
    """One day's bar, from the axis up: nothing for a zero, at least an eighth of a cell for anything else."""
    total = sum(counts)
    if total == 0:
        return []
    height = total / frame.top * frame.rows
    owners = _owners(counts, height, max(1, math.ceil(height - 1e-9)))
    if owners[-1] != 0 and len(owners) > 1 and height - len(owners) + 1 < 0.5:
        owners = _owners(counts, height, len(owners) - 1)  # only a solid bar has eighths: another is rounded
    cells = [(owner, FILLS[owner]) for owner in owners]
    if owners[-1] == 0:
        eighths = math.ceil((height - len(owners) + 1) * 8 - 1e-9)
        cells[-1] = (0, EIGHTHS[min(8, max(1, eighths)) - 1])
    return cells


def ticks(days: Sequence[Day], frame: Frame) -> list[tuple[int, str]]:
    """Where dates stand under the axis, and how they read: Mondays where there is no room for every day."""
    shown = list(days[frame.first : frame.first + frame.shown])
    if not shown:
        return []
    every = next(step for step in (1, 2, 7, 14, 28, 56) if step * frame.slot >= 8 or step == 56)
    last = shown[-1].date
    anchor = last if every < 7 else date.fromordinal(last.toordinal() - last.weekday())
    return [
        (frame.column(frame.first + place) + (frame.bar - 1) // 2, wording.day_month(day.date))
        for place, day in enumerate(shown)
        if (anchor - day.date).days % every == 0
    ]


def _window(days: int, shown: int, cursor: int) -> int:
    """The first day shown. It moves by thirds of the window: each move draws the whole plot anew."""
    if shown >= days:
        return 0
    stride = max(1, shown // 3)
    first = days - shown
    while cursor < first:
        first = max(0, first - stride)
    return first


def _owners(counts: Counts, height: float, cells: int) -> list[int]:
    """Which class each cell of a bar belongs to: the one with the largest part of it."""
    total = sum(counts)
    edges = [0.0]
    for number in counts:
        edges.append(edges[-1] + number / total * height)
    shares = [
        [max(0.0, min(edges[index + 1], row + 1) - max(edges[index], row)) for index in range(len(counts))]
        for row in range(cells)
    ]
    owners = [max(range(len(counts)), key=lambda index: (share[index], index)) for share in shares]
    for index in (1, 2, 3):
        # A quarter of a cell is shown as one, and any 5xx: one among thousands is what an operator looks for.
        part = counts[index] / total * height
        if index not in owners and (part >= 0.25 or (index == 3 and part)):
            row = max(range(cells), key=lambda row: (shares[row][index], row))
            if owners.count(owners[row]) > 1:
                owners[row] = index
    return owners
