"""What the terminal shows, cell by cell, so that a frame costs the bytes of what it changes and no more.

Textual writes every span that was drawn again, equal or not, with all attributes of each piece of text: 33 kB for a
screen of 120 by 40, a kilobyte for a line. Here only cells that differ are written, attributes that differ are
switched, and rows that moved up or down are moved by the terminal itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from textual.strip import Strip

from tokentui.terminal.pen import PLAIN, RESET, Pen, change, on_space, pen_of

_UNKNOWN = "\x00"
"""In the place of a character that the terminal may or may not show: equal to none that is drawn."""

_LONGEST_GAP = 4
"""So many cells that stay the same are written anyway: to go past them costs as much."""

_LEAST_SCROLL = 6
"""Fewer rows are drawn anew rather than moved."""

_NOT_COMPARED = 2
"""The last cells of a row do not count for whether it has moved: the scrollbar stays."""

Part = tuple[int, int, Strip]
"""Row, column, and what is drawn from there on."""


class ScreenRow:
    """The cells of a row. Where a text holds a character that is not one cell wide, its first cell has the whole text
    and the others are empty."""

    __slots__ = ("characters", "pens")

    def __init__(self, width: int) -> None:
        self.characters = [_UNKNOWN] * width
        self.pens: list[Pen] = [PLAIN] * width


class ShownScreen:
    """A terminal of some size. `depth` is how many colours it has, None for none."""

    def __init__(self, depth: ColorSystem | None) -> None:
        self._depth = depth
        self._width = 0
        self._rows: list[ScreenRow] = []

    def forget(self) -> None:
        """Nothing is known of the terminal any longer: every cell will be written."""
        self._rows = []

    def draw(self, parts: Iterable[Part], *, width: int, height: int) -> str:
        """What is to be written so that the terminal shows these parts too."""
        writer = _Writer()
        if len(self._rows) != height or self._width != width:
            self._width, self._rows = width, [ScreenRow(width) for _ in range(height)]
            writer.begin_anew()
        fresh: dict[int, ScreenRow] = {}
        for y, x, strip in parts:
            if 0 <= y < height and x < width:
                self._put(self._copy(y, fresh), x, strip)
        changed = {y: row for y, row in sorted(fresh.items()) if not self._is_shown(y, row)}
        if not changed:
            return ""
        self._scroll(changed, writer)
        for y, row in changed.items():
            writer.row(y, self._rows[y], row)
            self._rows[y] = row
        return writer.text()

    def _copy(self, y: int, fresh: dict[int, ScreenRow]) -> ScreenRow:
        row = fresh.get(y)
        if row is None:
            row = fresh[y] = ScreenRow(0)
            row.characters, row.pens = self._rows[y].characters[:], self._rows[y].pens[:]
        return row

    def _is_shown(self, y: int, row: ScreenRow) -> bool:
        shown = self._rows[y]
        return row.characters == shown.characters and row.pens == shown.pens

    def _put(self, row: ScreenRow, x: int, strip: Strip) -> None:
        characters: list[str] = []
        pens: list[Pen] = []
        for text, style, control in strip:
            if control or not text:
                continue
            cells = len(text) if text.isascii() else cell_len(text)
            if not cells:  # an accent that the cursor stands on, say: it has no cell of its own
                _add_mark(characters, text)
                continue
            is_single = cells == len(text) and (text.isascii() or _is_single(text))
            characters += text if is_single else [text, *[""] * (cells - 1)]
            pens += [pen_of(style, self._depth)] * cells
        room = self._width - x
        end = x + min(len(characters), room)
        _cut_in_two(row, x, end)
        row.characters[x:end] = characters[:room]
        row.pens[x:end] = pens[:room]

    def _scroll(self, changed: dict[int, ScreenRow], writer: _Writer) -> None:
        """Lets the terminal move rows, where that leaves fewer to be written."""
        votes: Counter[int] = Counter()
        places: dict[tuple[str, ...], int] = {}
        if len(changed) < _LEAST_SCROLL:
            return
        for y in changed:
            places.setdefault(_compared(self._rows[y]), y)
        for y, row in changed.items():
            before = places.get(_compared(row))
            if before is not None and before != y:
                votes[before - y] += 1
        if not votes:
            return
        ((lines, count),) = votes.most_common(1)
        if count < _LEAST_SCROLL:
            return
        moved = [y for y, row in changed.items() if places.get(_compared(row), y) - y == lines]
        top, bottom = min(moved) + min(0, lines), max(moved) + max(0, lines)
        writer.scroll(top, bottom, lines)
        region = self._rows[top : bottom + 1]
        empty = [ScreenRow(self._width) for _ in range(abs(lines))]
        self._rows[top : bottom + 1] = [*region[lines:], *empty] if lines > 0 else [*empty, *region[:lines]]
        for y in range(top, bottom + 1):
            if y not in changed:  # it was right where it stood
                changed[y] = region[y - top]


def _compared(row: ScreenRow) -> tuple[str, ...]:
    return tuple(row.characters[:-_NOT_COMPARED])


@lru_cache(4096)
def _is_single(text: str) -> bool:
    """Whether each character has a cell of its own, given that there are as many cells."""
    return all(cell_len(character) == 1 for character in text)


def _add_mark(characters: list[str], mark: str) -> None:
    """To the last text; before the first there is none that is drawn now."""
    for place in range(len(characters) - 1, -1, -1):
        if characters[place]:
            characters[place] += mark
            return


def _cut_in_two(row: ScreenRow, start: int, end: int) -> None:
    """Half a wide character is no character: the terminal shows something else there now."""
    if start < len(row.characters) and row.characters[start] == "":
        place = start - 1
        while place >= 0 and row.characters[place] == "":
            row.characters[place] = _UNKNOWN
            place -= 1
        if place >= 0:
            row.characters[place] = _UNKNOWN
    while end < len(row.characters) and row.characters[end] == "":
        row.characters[end] = _UNKNOWN
        end += 1


class _Writer:
    """Collects what is written in one frame, from the plain pen to the plain pen."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pen = PLAIN

    def begin_anew(self) -> None:
        """Writes the plain pen: another program may have left another."""
        self._parts.append(RESET)

    def text(self) -> str:
        """Everything that was written for the frame."""
        if self._pen is not PLAIN:
            self._parts.append(RESET)
        if self._pen.link:
            self._parts.append("\x1b]8;;\x1b\\")
        return "".join(self._parts)

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Moves the rows from `top` to `bottom` up, or down where `lines` is negative. What comes in is not known."""
        self._parts.append(f"\x1b[{top + 1};{bottom + 1}r")
        if lines > 0:
            self._parts.append(f"\x1b[{bottom + 1};1H" + "\n" * lines)
        else:
            self._parts.append(f"\x1b[{top + 1};1H" + "\x1bM" * -lines)
        self._parts.append("\x1b[r")

    def row(self, y: int, shown: ScreenRow, row: ScreenRow) -> None:
        """Writes the cells of a row that differ."""
        is_first = True
        for start, end in _runs(shown, row):
            if is_first:
                self._parts.append(f"\x1b[{y + 1};{start + 1}H")
            else:
                self._parts.append(f"\x1b[{start + 1}G")
            self._cells(row, start, end)
            is_first = False

    def _cells(self, row: ScreenRow, start: int, end: int) -> None:
        add, pen = self._parts.append, self._pen
        characters, pens = row.characters, row.pens
        for place in range(start, end):
            character, wanted = characters[place], pens[place]
            if wanted is not pen:
                if character == " ":
                    wanted = on_space(pen, wanted.blank)
                if wanted is not pen:
                    add(change(pen, wanted))
                    pen = wanted
            add(character)
            if len(character) > 1 and place + 1 < end:
                # How many cells a terminal gives it is the terminal's affair: from here on by its place.
                after = next((later for later in range(place + 1, end) if characters[later]), end)
                add(f"\x1b[{after + 1}G")
        self._pen = pen


def _runs(shown: ScreenRow, row: ScreenRow) -> Iterator[tuple[int, int]]:
    """From where to where a row differs, whole characters; what is nearly next to it is taken along."""
    old, old_pens = shown.characters, shown.pens
    pens = row.pens
    start = end = -1
    for place, character in enumerate(row.characters):
        if character == _UNKNOWN:
            if start >= 0:
                yield start, end
                start = -1
            continue
        if character == "" and start >= 0 and end == place:
            end = place + 1
            continue
        if character == old[place] and (
            pens[place] is old_pens[place] or (character == " " and pens[place].blank is old_pens[place].blank)
        ):
            continue
        if start < 0:
            start = place
        elif place - end > _LONGEST_GAP:
            yield start, end
            start = place
        end = place + 1
    if start >= 0:
        yield start, end
