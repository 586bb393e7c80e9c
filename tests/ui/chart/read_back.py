"""Reads responses back from the cells of a chart, knowing nothing but what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tokentui.ui.chart.chart import CLASSES, UNCOUNTED
from tokentui.ui.chart.scale import EIGHTHS

UNITS = {"k": 1_000, "M": 1_000_000}


@dataclass(frozen=True)
class Drawn:
    """One class: its rows from the lowest up, without labels; and how many responses a whole cell stands for."""

    rows: tuple[str, ...]
    a_cell: Fraction

    def heights(self) -> list[int]:
        """The height of each column in eighths of a cell; fails where a bar has a hole."""
        columns = []
        for cells in zip(*self.rows, strict=True):
            levels = [EIGHTHS.index(cell) if cell != UNCOUNTED else 0 for cell in cells]
            partial = [place for place, level in enumerate(levels) if level < 8]
            if partial:
                assert not any(levels[partial[0] + 1 :]), "a bar with a hole"
            columns.append(sum(levels))
        return columns


def classes_of(lines: list[str], left: int, right: int) -> dict[str, Drawn]:
    """The classes of a chart by name. Labels take `left` columns, what stands behind the bars begins at `right`."""
    drawn: dict[str, Drawn] = {}
    above = -1
    for y, line in enumerate(lines):
        name = line[: left - 1].strip()
        if name not in CLASSES or line[left - 1] != "│":
            continue
        rows = lines[y:above:-1] if above >= 0 else lines[y::-1]
        has_axis = y + 1 < len(lines) and lines[y + 1][left - 2 : left] == "0┼"
        if has_axis:
            row, number = next((r, _number(text[: left - 1])) for r, text in enumerate(rows) if text[left - 1] == "┤")
            a_cell = Fraction(number, row + 1)
        else:
            note = line[right:].strip()
            a_cell = Fraction(_number(note.removeprefix("max")) if note != "none" else 1, len(rows))
        drawn[name] = Drawn(tuple(text[left:right] for text in rows), a_cell)
        above = y + has_axis
    return drawn


def _number(text: str) -> int:
    digits = "".join(text.split()).replace("\u202f", "")
    unit = UNITS.get(digits[-1], 1)
    return int(digits.rstrip("kM")) * unit
