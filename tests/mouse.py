"""What a terminal tells of its mouse."""

from __future__ import annotations

from textual import events


def mouse_event(kind: type[events.MouseEvent], cell: tuple[int, int]) -> events.MouseEvent:
    """An event of the first button, at a column and row of the screen, without modifiers."""
    x, y = cell
    return kind(None, x, y, 1, 0, 1, False, False, False, screen_x=x, screen_y=y)
