"""Tables on standard output: cut to a terminal's width, whole where a program reads."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from tokentui.cli.colour import Ink
from tokentui.cli.output import print_spans
from tokentui.ui.text import cell_width, fit, safe_text

_GAP = "  "
_NARROWEST = 6
"""Cells of a column that is cut because even those that stay do not fit."""

_MEASURED = 10_000
"""Rows that are held back to find the widths; those after them are cut to these on a terminal, and stand out in a
pipe where they are longer."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `least` is the number of cells that its texts need to be told apart: other columns are left out before it gets
    fewer. None: its texts are never cut. Of the columns with a `rank`, the one with the highest is left out first.
    """

    heading: str
    least: int | None = None
    rank: int = 0
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a row below a column."""

    text: str
    ink: Ink | None = None


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bool:
    """Prints a heading and the rows as they come; returns whether there was any row, else nothing is printed."""
    coming = iter(rows)
    measured = [_safe(row) for row in islice(coming, _MEASURED)]
    if not measured:
        return False
    natural = [
        max(cell_width(column.heading), *(cell_width(row[index].text) for row in measured))
        for index, column in enumerate(columns)
    ]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    widths = natural if room is None else widths_within(columns, natural, room)
    heading = [Cell(column.heading, Ink.BOLD) for column in columns]
    for row in chain([heading], measured, map(_safe, coming)):
        print_spans(_spans(columns, row, widths, cut=room is not None))
    return True


def widths_within(columns: Sequence[Column], natural: Sequence[int], room: int) -> list[int]:
    """The width of each column so that all stand within `room` cells; 0 for one that is left out.

    The first column that may be cut gets what is left once the others have what they need.
    """
    least = [
        width if column.least is None else min(width, column.least)
        for column, width in zip(columns, natural, strict=True)
    ]
    shown = set(range(len(columns)))
    by_rank = sorted((index for index in shown if columns[index].rank), key=lambda index: columns[index].rank)
    while by_rank and _total(least, shown) > room:
        shown.discard(by_rank.pop())
    widths = [least[index] if index in shown else 0 for index in range(len(columns))]
    left = room - _total(widths, shown)
    for index in sorted(shown, reverse=True):
        if left < 0 and columns[index].least is not None:
            cut = min(-left, max(0, widths[index] - _NARROWEST))
            widths[index] -= cut
            left += cut
    for index in sorted(shown):
        more = max(0, min(natural[index] - widths[index], left))
        widths[index] += more
        left -= more
    return widths


def _total(widths: Sequence[int], shown: set[int]) -> int:
    return sum(widths[index] for index in shown) + len(_GAP) * (len(shown) - 1)


def _safe(row: Sequence[Cell]) -> list[Cell]:
    return [Cell(safe_text(cell.text), cell.ink) for cell in row]


def _spans(
    columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], *, cut: bool
) -> Iterator[tuple[str, Ink | None]]:
    gap = ""
    for column, cell, width in zip(columns, row, widths, strict=True):
        if not width:
            continue
        blank = " " * (width - cell_width(cell.text))
        if cut:
            text, blank = (fit(cell.text, width), "") if not blank else (cell.text, blank)
        else:
            text = cell.text
        yield gap + (blank if column.right else ""), None
        yield text, cell.ink
        yield "" if column.right else blank, None
        gap = _GAP
