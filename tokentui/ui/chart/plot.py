"""A panel with an axis, drawn by plotext: axes, whole cells and lines. Eighths are laid over them by `chart`.

A unit of plotext's coordinates is made a cell (bars) or a dot of braille (lines), so that nothing is rounded there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Plotter(Protocol):
    """What is used of plotext: the module `plotext`, or the plot of a textual-plotext widget."""

    def clear_figure(self) -> Any: ...
    def limitsize(self, width: bool, height: bool) -> Any: ...
    def plotsize(self, width: int, height: int) -> Any: ...
    def theme(self, theme: str) -> Any: ...
    def xaxes(self, lower: bool, upper: bool) -> Any: ...
    def yaxes(self, left: bool, right: bool) -> Any: ...
    def scatter(self, xs: Sequence[int], ys: Sequence[int], *, marker: str) -> Any: ...
    def plot(self, xs: Sequence[int], ys: Sequence[int], *, marker: str) -> Any: ...
    def xlim(self, left: int, right: int) -> Any: ...
    def ylim(self, lower: int, upper: int) -> Any: ...
    def xticks(self, ticks: Sequence[float], labels: Sequence[str]) -> Any: ...
    def yticks(self, ticks: Sequence[float], labels: Sequence[str]) -> Any: ...
    def build(self) -> Any: ...


def plot_cells(
    plotter: Plotter,
    cells: Sequence[tuple[int, int]],
    *,
    width: int,
    rows: int,
    marks: Sequence[tuple[int, str]],
    ticks: Sequence[int],
) -> list[str]:
    """Full cells at (column, row from below), with labelled marks on rows and ticks under columns.

    Returns `rows` lines and the axis; each begins with the labels, which must be equally wide, and the axis.
    """
    _begin(plotter, width, rows, marks)
    _scatter(plotter, cells)
    return _finish(plotter, width, rows, marks, ticks, dots_across=1, dots_up=1)


def plot_lines(
    plotter: Plotter,
    lines: Sequence[Sequence[tuple[int, int]]],
    *,
    width: int,
    rows: int,
    marks: Sequence[tuple[int, str]],
    ticks: Sequence[int],
) -> list[str]:
    """The same, with lines through (dot from the left, dot from below): a cell is two dots wide and four high."""
    _begin(plotter, width, rows, marks)
    for line in lines:
        if line:
            plotter.plot([x for x, _ in line], [y for _, y in line], marker="braille")
    return _finish(plotter, width, rows, marks, ticks, dots_across=2, dots_up=4)


def _begin(plotter: Plotter, width: int, rows: int, marks: Sequence[tuple[int, str]]) -> None:
    plotter.clear_figure()
    plotter.limitsize(False, False)  # to the terminal of this process, which may be smaller, or not there
    plotter.plotsize(len(marks[0][1]) + 1 + width, rows + 2)
    plotter.theme("clear")
    plotter.xaxes(True, False)
    plotter.yaxes(True, False)
    plotter.scatter([0], [0], marker=" ")  # without data plotext draws no axes


def _scatter(plotter: Plotter, cells: Sequence[tuple[int, int]]) -> None:
    if cells:
        plotter.scatter([x for x, _ in cells], [y for _, y in cells], marker="█")


def _finish(
    plotter: Plotter,
    width: int,
    rows: int,
    marks: Sequence[tuple[int, str]],
    ticks: Sequence[int],
    *,
    dots_across: int,
    dots_up: int,
) -> list[str]:
    plotter.xlim(0, max(1, width * dots_across - 1))
    plotter.ylim(0, rows * dots_up - 1)
    plotter.yticks([(row + 0.5) * dots_up - 0.5 for row, _ in marks], [label for _, label in marks])
    plotter.xticks([(column + 0.5) * dots_across - 0.5 for column in ticks], [""] * len(ticks))
    lines = _COLOURS.sub("", str(plotter.build())).split("\n")
    return lines[: rows + 1]
