"""A token's responses of 30 days as bars: one line in the table, some in the preview."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.screens.tokens.columns import DailyUse
from tokentui.ui.chart.scale import EIGHTHS, Scale
from tokentui.ui.chart.sparkline import sparkline


def use_sparkline(days: DailyUse, cells: int) -> tuple[tuple[str, bool], ...]:
    """A bar to an eighth of the highest for each cell, and whether the errors of one of its days are worth a look.

    They are where they are a tenth of the day's responses, or more: nearly every day has a few. Where there are fewer
    cells than days, each is the sum of as many days; today is always in the last.
    """
    if not days or cells < 1:
        return ()
    together = -(-len(days) // cells)
    parts = [days[max(0, end - together) : end] for end in range(len(days), 0, -together)][::-1]
    bars = sparkline([sum(total for total, _ in part) for part in parts])
    return tuple(
        (bar, any(errors * 10 >= total > 0 for total, errors in part)) for bar, part in zip(bars, parts, strict=True)
    )


def use_bars(numbers: Sequence[int], rows: int) -> list[str]:
    """Lines from the top with a bar for each number, to an eighth of a cell; the highest fills all rows."""
    scale = Scale(rows, max(1, max(numbers, default=0)), rows * 8, rows * 8)
    heights = [scale.eighths(number) for number in numbers]
    return ["".join(EIGHTHS[min(8, max(0, height - row * 8))] for height in heights) for row in range(rows - 1, -1, -1)]
