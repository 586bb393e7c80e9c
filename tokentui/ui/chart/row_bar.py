"""A number as a bar in a line of a table."""

from __future__ import annotations

_EIGHTHS = " ▏▎▍▌▋▊▉"


def row_bar(number: int, highest: int, width: int) -> str:
    """A bar to the right, true to an eighth of a cell, as long as `width` cells for `highest`.

    Nothing for zero, at least an eighth for anything else.
    """
    if number <= 0 or highest <= 0 or width <= 0:
        return ""
    full, part = divmod(max(1, min(width * 8, round(number * width * 8 / highest))), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")
