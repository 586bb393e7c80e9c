"""A line that was drawn comes back as long as it would be drawn the same."""

from __future__ import annotations

from textual.strip import Strip

from tokentui.screens.tokens.drawn_lines import DrawnLines, Line

LINE = Line(5, has_cursor=False, is_marked=False)
STRIP = Strip([])


def kept(lines: DrawnLines, places: range) -> list[int]:
    return [place for place in places if lines.get(LINE._replace(place=place), tuple) is not None]


def test_the_texts_are_compared_once_time_has_passed() -> None:
    lines = DrawnLines()
    lines.keep(LINE, STRIP, ("50 min ago",))
    assert lines.get(LINE, lambda: ("never asked for",)) is STRIP
    lines.time_passed()
    assert lines.get(LINE, lambda: ("50 min ago",)) is STRIP
    assert lines.get(LINE, lambda: ("compared already",)) is STRIP
    lines.time_passed()
    assert lines.get(LINE, lambda: ("51 min ago",)) is None
    lines.keep(LINE, STRIP, ("51 min ago",))
    assert lines.get(LINE, lambda: ("never asked for",)) is STRIP


def test_a_line_with_the_cursor_or_a_mark_is_another() -> None:
    lines = DrawnLines()
    lines.keep(LINE, STRIP, ())
    assert lines.get(LINE._replace(has_cursor=True), tuple) is None
    assert lines.get(LINE._replace(is_marked=True), tuple) is None


def test_rows_that_are_others_are_forgotten() -> None:
    lines = DrawnLines()
    for place in range(4):
        lines.keep(LINE._replace(place=place), STRIP, ())
    lines.forget({1})
    lines.forget_others({0, 1, 2})
    assert kept(lines, range(4)) == [0, 2]


def test_no_more_are_kept_than_have_room() -> None:
    lines = DrawnLines()
    for place in range(1001):
        lines.keep(LINE._replace(place=place), STRIP, ())
    assert kept(lines, range(1001)) == [1000]
