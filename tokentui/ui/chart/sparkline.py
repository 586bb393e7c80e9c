"""Numbers as one line of bars."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.ui.chart.scale import EIGHTHS, Scale


def sparkline(numbers: Sequence[int], *, highest: int | None = None) -> str:
    """A bar of one cell for each number, to an eighth of `highest` (the largest number, where it is left out).

    Zero is a space, anything else at least an eighth.
    """
    top = max(numbers, default=0) if highest is None else highest
    scale = Scale(1, max(1, top), 8, 8)
    return "".join(EIGHTHS[scale.eighths(number)] for number in numbers)
