"""A repair of Textual's partial updates: what changed in a line is written from its left edge on, and no more.

Textual 8.2 crops what it repaints at the right edge alone ("TODO: crop to x extents"), so that a column far right costs
its whole line. This is the one module that touches the compositor.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate


def install() -> None:
    """Puts the repair in place, once for the process."""
    setattr(ChopsUpdate, "render_segments", render_segments)  # noqa: B010


def render_segments(update: ChopsUpdate, console: Console) -> str:
    """The escape sequences that repaint the spans of an update, and no cell outside them."""
    written: list[str] = []
    last = update.spans[-1][0]
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= right or end <= left:
                continue
            start = max(x, left)
            if start > x or end > right:
                strip = strip.crop(start - x, min(end, right) - x)  # noqa: PLW2901
            written.append(Control.move_to(start, y).segment.text)
            written.append(strip.render(console))
        if y != last:
            written.append("\n")
    return "".join(written)
