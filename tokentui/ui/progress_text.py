"""How far work on many is, in a line."""

from __future__ import annotations

from tokentui.ui.chart.row_bar import row_bar
from tokentui.ui.wording import thousands


def count_text(done: int, total: int) -> str:
    """`4 813 of 10 000`."""
    return f"{thousands(done)} of {thousands(total)}"


def progress_bar(done: int, total: int, room: int) -> str:
    """A bar to an eighth of a cell and a space, at most 24 cells; nothing where there is no room for one."""
    cells = min(room, 24) - 1
    return f"{row_bar(done, total, cells):░<{cells}} " if cells >= 8 else ""
