"""What a change in the middle of a line writes to the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from tokentui.terminal.textual_internals import install_partial_updates

LINE = [Segment("0123456789", Style(bold=True)), Segment("abcdefghij", Style(dim=True))]


def written(spans: list[tuple[int, int, int]], *, cuts: tuple[int, ...] = (0, 20)) -> str:
    install_partial_updates()
    strips = Strip(LINE).divide(list(cuts[1:]))
    chops = [dict(zip(cuts, strips, strict=False)) for _ in range(2)]
    console = Console(force_terminal=True, color_system="truecolor")
    return ChopsUpdate(chops, spans, [list(cuts[1:])] * 2).render_segments(console)


def test_only_the_span_is_written() -> None:
    """From its left edge to its right one, with the cursor sent there: the rest of the line costs nothing."""
    assert written([(1, 12, 14)]) == "\x1b[2;13H\x1b[2mcd\x1b[0m"


def test_a_span_over_two_widgets() -> None:
    """Each part where it stands."""
    assert written([(0, 8, 12)], cuts=(0, 10, 20)) == "\x1b[1;9H\x1b[1m89\x1b[0m\x1b[1;11H\x1b[2mab\x1b[0m"


def test_lines_follow_one_another() -> None:
    """As Textual's own does."""
    assert written([(0, 0, 1), (1, 19, 20)]) == "\x1b[1;1H\x1b[1m0\x1b[0m\n\x1b[2;20H\x1b[2mj\x1b[0m"
