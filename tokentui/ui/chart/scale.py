"""Numbers as heights in eighths of a cell, and where the marks of an axis stand."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

EIGHTHS = " ▁▂▃▄▅▆▇█"
"""A cell that is filled from below by 0 to 8 eighths."""

_MOST_MARKS = 6


class Scale(NamedTuple):
    """How high a number stands over `rows` rows: `eighths_of_top` eighths of a cell for the number `top`.

    No bar is higher than `most` eighths.
    Marks stand `mark_rows` rows apart, `mark_step` apart in numbers; both are 0 for a scale without marks.
    """

    rows: int
    top: int
    eighths_of_top: int
    most: int
    mark_step: int = 0
    mark_rows: int = 0

    def eighths(self, number: int) -> int:
        """The height of a number, to the nearest eighth of a cell; at least one eighth for what is not zero."""
        if number <= 0:
            return 0
        nearest = int(Fraction(number * self.eighths_of_top, self.top) + Fraction(1, 2))
        return min(self.most, max(1, nearest))

    def marks(self) -> list[tuple[int, int]]:
        """(row, number) of each mark above zero; row 0 is the lowest, a number is reached at its row's upper edge."""
        if not self.mark_rows:
            return []
        return [
            (place * self.mark_rows - 1, place * self.mark_step) for place in range(1, self.rows // self.mark_rows + 1)
        ]


def round_scale(highest: int, rows: int) -> Scale:
    """The scale with round marks on whole rows that wastes the least height over `highest`; `rows` is at least 2."""
    least = max(2, -(-rows // _MOST_MARKS))
    most = rows if highest <= 1 else max(least, rows // 2)
    choices = [(_round_step(highest * spacing, rows), spacing) for spacing in range(least, most + 1)]
    step, spacing = min(choices, key=lambda choice: (Fraction(choice[0], choice[1]), choice[1]))
    return Scale(rows, step, spacing * 8, rows * 8, mark_step=step, mark_rows=spacing)


def full_scale(highest: int, rows: int) -> Scale:
    """`highest` is as high as the rows; the last eighth stays empty, which keeps a bar apart from what is above."""
    return Scale(rows, max(1, highest), rows * 8, rows * 8 - 1)


def _round_step(numerator: int, denominator: int) -> int:
    """The least of 1, 2, 5, 10, 20, 25, 50, 100 and so on that is at least numerator / denominator."""
    power = 1
    while True:
        for step in (power, 2 * power, power * 5 // 2, 5 * power):  # a quarter of ten is no whole number, but 2 again
            if step * denominator >= numerator:
                return step
        power *= 10
