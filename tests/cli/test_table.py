"""Tables: within the terminal's width, the room for the name; whole in a pipe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.cli import token_columns
from tokentui.cli.table import Cell, Column, print_table, widths_within
from tokentui.cli.token_columns import TokenColumn
from tokentui.ui.text import cell_width

COLUMNS = (Column("ID"), Column("NAME", 24), Column("USED", rank=2), Column("EXPIRES", rank=1), Column("STATUS"))
NATURAL = (14, 40, 10, 10, 10)


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (200, [14, 40, 10, 10, 10]),
        (80, [14, 28, 10, 10, 10]),
        (76, [14, 24, 10, 10, 10]),
        (75, [14, 35, 0, 10, 10]),
        (63, [14, 35, 0, 0, 10]),
        (40, [14, 12, 0, 0, 10]),
        (20, [14, 6, 0, 0, 10]),
    ],
)
def test_the_name_gets_what_is_left(room: int, expected: list[int]) -> None:
    """It is cut before a column is left out, and grows into the room of one that is."""
    assert widths_within(COLUMNS, NATURAL, room) == expected


@pytest.mark.parametrize("columns", [token_columns.TABLE, token_columns.WIDE])
def test_names_are_told_apart_on_sixty_columns(columns: tuple[TokenColumn, ...]) -> None:
    """The widest list leaves out what matters least instead; a wide enough terminal has it all."""
    names = [column.name for column in columns]
    natural = [max(12, len(name)) for name in names]
    natural[names.index("id")], natural[names.index("name")] = 14, 40
    headings = [column.column for column in columns]
    widths = dict(zip(names, widths_within(headings, natural, 60), strict=True))
    assert widths["name"] >= 12
    assert {"id", "name", "status"} <= {name for name, width in widths.items() if width}
    assert all(widths_within(headings, natural, 240))


@given(st.lists(st.integers(1, 60), min_size=5, max_size=5), st.integers(1, 300))
def test_no_table_is_wider_than_its_room(natural: list[int], room: int) -> None:
    """Unless the columns that are never left out nor cut need more."""
    widths = [width for width in widths_within(COLUMNS, natural, room) if width]
    needed = natural[0] + min(natural[1], 6) + natural[4] + 4
    assert sum(widths) + 2 * (len(widths) - 1) <= max(room, needed)


def test_a_pipe_gets_whole_values(capsys: pytest.CaptureFixture[str]) -> None:
    """In aligned columns, wide characters too; nothing at all where there is no row."""
    rows = [[Cell("令牌" * 30), Cell("a")], [Cell("b"), Cell("c")]]
    assert print_table((Column("NAME", 4), Column("X")), rows)
    lines = capsys.readouterr().out.splitlines()
    assert "令牌" * 30 in lines[1]
    assert [cell_width(line) for line in lines] == [123, 123, 123]
    assert not print_table((Column("NAME"),), [])
    assert capsys.readouterr().out == ""


def test_a_row_that_comes_late_is_not_cut_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Widths are found from the first rows, so that a long list comes as it is read."""
    monkeypatch.setattr("tokentui.cli.table._MEASURED", 1)
    assert print_table((Column("NAME", 4), Column("X")), [[Cell("a"), Cell("1")], [Cell("abcdefgh"), Cell("2")]])
    assert capsys.readouterr().out == "NAME  X\na     1\nabcdefgh  2\n"
