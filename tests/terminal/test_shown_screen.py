"""What a frame writes, and that a terminal then shows what was drawn, whatever it showed before."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tokentui.terminal.shown_screen import ShownScreen

WIDTH, HEIGHT = 24, 12
STYLES = (
    None,
    Style(color="red"),
    Style(color="red", bold=True),
    Style(bgcolor="blue"),
    Style(color="white", bgcolor="blue", underline=True),
    Style(reverse=True, bold=True),
)
WORDS = ("", "a", "list ", "    ", "tokens of all", "●○", "世界", "─" * 6, "\u0301", "e\u0301")


def row(text: str, style: Style | None = None, *, width: int = WIDTH) -> Strip:
    return Strip([Segment(text, style)]).adjust_cell_length(width)


def draw(screen: ShownScreen, *lines: str, y: int = 0, x: int = 0) -> str:
    parts = ((y + number, x, Strip([Segment(line)])) for number, line in enumerate(lines))
    return screen.draw(parts, width=WIDTH, height=HEIGHT)


def full(*lines: str) -> ShownScreen:
    screen = ShownScreen(ColorSystem.TRUECOLOR)
    screen.draw(((y, 0, row(line)) for y, line in enumerate(lines)), width=WIDTH, height=HEIGHT)
    return screen


def test_what_is_shown_already_is_not_written() -> None:
    """A frame that changes nothing is empty."""
    screen = full("one", "two")
    assert draw(screen, "one", "two") == ""


def test_only_cells_that_differ_are_written() -> None:
    """Where they stand; a few that are the same between them cost less than to go past them."""
    screen = full("10 minutes ago", "never")
    assert draw(screen, "11 minutes ago") == "\x1b[1;2H1"
    assert draw(screen, "12 minutes all") == "\x1b[1;2H2\x1b[13Gll"
    assert draw(screen, "22 mxnutes all") == "\x1b[1;1H22 mx"


def test_attributes_are_switched_not_set_anew() -> None:
    """A space shows its background alone: no colour is set for it."""
    screen = full("")
    bold, plain = Style(color="#ffffff", bgcolor="#000000", bold=True), Style(color="#aaaaaa", bgcolor="#000000")
    strip = Strip([Segment("one", bold), Segment(" ", plain), Segment("two", bold), Segment("x", plain)])
    assert screen.draw([(0, 0, strip)], width=WIDTH, height=HEIGHT) == (
        "\x1b[1;1H\x1b[1;38;2;255;255;255;48;2;0;0;0mone two\x1b[22;38;2;170;170;170mx\x1b[0m"
    )


def test_rows_that_move_are_moved_by_the_terminal() -> None:
    """Within their margins, up and down; only what comes in is written."""
    lines = [f"row {number:<20}" for number in range(12)]
    screen = full("title", *lines[:10], "footer")
    assert draw(screen, *lines[2:12], y=1) == "\x1b[2;11r\x1b[11;1H\n\n\x1b[r\x1b[10;1Hrow 10" + " " * 18 + (
        "\x1b[11;1Hrow 11" + " " * 18
    )
    assert draw(screen, *lines[1:11], y=1).startswith("\x1b[2;11r\x1b[2;1H\x1bM\x1b[r\x1b[2;1Hrow 1")


def test_a_terminal_of_another_size_gets_all() -> None:
    """So does one of which nothing is known any longer."""
    screen = full("one")
    screen.forget()
    assert "one" in draw(screen, "one")
    assert "one" in screen.draw([(0, 0, row("one"))], width=WIDTH + 1, height=HEIGHT)


def test_no_colours_and_no_attributes_where_the_terminal_has_none() -> None:
    """As Rich writes for it."""
    screen = ShownScreen(None)
    text = screen.draw([(0, 0, row("one", Style(bold=True, color="red")))], width=WIDTH, height=1)
    assert text.startswith("\x1b[0m\x1b[1;1Hone ")
    assert text.count("m") == 1


@pytest.mark.parametrize("before", ["e", "界", "e\u0301", ""])
def test_a_mark_without_a_cell_belongs_to_what_is_before_it(before: str) -> None:
    """The cursor of a field stands on an accent by itself, in colours of its own."""
    cursor = Style(reverse=True)
    screen = full("")
    strip = Strip([Segment(before), Segment("\u0301", cursor), Segment("x")])
    written = f"{before}\u0301" if before else ""
    assert screen.draw([(0, 0, strip)], width=WIDTH, height=HEIGHT)
    assert screen.draw([(0, 0, strip)], width=WIDTH, height=HEIGHT) == ""
    screen.forget()
    assert seen(screen.draw([(0, 0, strip)], width=WIDTH, height=HEIGHT)) == seen(f"{written}x")


def test_a_link_is_opened_and_closed() -> None:
    """OSC 8, around its text alone."""
    screen = full("")
    strip = Strip([Segment("a", Style(link="https://example.com")), Segment("b")])
    text = screen.draw([(0, 0, strip)], width=WIDTH, height=HEIGHT)
    assert text == "\x1b[1;1H\x1b]8;;https://example.com\x1b\\a\x1b]8;;\x1b\\b"


strips = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(STYLES)), max_size=4).map(
    # A frame to the right: pyte wraps the line before an accent on its last cell, which a terminal does not.
    lambda words: Strip([*Strip([Segment(*word) for word in words]).adjust_cell_length(WIDTH - 1), Segment("│")])
)
lines = st.lists(strips, min_size=HEIGHT, max_size=HEIGHT)


@settings(max_examples=60, deadline=None)
@given(frames=st.lists(lines, min_size=2, max_size=4), up=st.integers(-8, 8))
def test_a_terminal_shows_what_was_drawn_last(frames: list[list[Strip]], up: int) -> None:
    """Frame after frame, also where rows move: the same as when the last frame is written by itself."""
    frames.append([*frames[-1][up:], *frames[-1][:up]])
    shown = ShownScreen(ColorSystem.TRUECOLOR)
    written = [
        shown.draw(((y, 0, strip) for y, strip in enumerate(frame)), width=WIDTH, height=HEIGHT) for frame in frames
    ]
    alone = ShownScreen(ColorSystem.TRUECOLOR)
    last = alone.draw(((y, 0, strip) for y, strip in enumerate(frames[-1])), width=WIDTH, height=HEIGHT)
    assert seen(*written) == seen(last)


def seen(*texts: str) -> list[list[tuple[object, ...]]]:
    """The cells of a terminal; of a space what is seen of it."""
    terminal = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(terminal)
    for text in texts:
        stream.feed(text)
    cells = [[terminal.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]
    return [
        [
            (cell.data, cell.bg, cell.underscore, cell.reverse)
            if cell.data == " " and not (cell.underscore or cell.reverse)
            else tuple(cell)
            for cell in line
        ]
        for line in cells
    ]
