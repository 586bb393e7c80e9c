"""The table's columns: which there are at which width, and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tests.ui.test_wording import TOKEN
from tokentui.listing.spec import SortField
from tokentui.records import Status
from tokentui.screens.tokens.columns import (
    COLUMNS,
    GAP,
    MARK_WIDTH,
    SORT_ORDER,
    CellContext,
    heading,
    layout,
    sparkline,
    style_of,
)

CELL_CONTEXT = CellContext(START, ZoneInfo("Europe/Berlin"))
NARROW = ["Name", "ID", "Permissions", "Expires", "Status"]
USUAL = ["Name", "ID", "Extension", "Permissions", "Created", "Expires", "Last used", "Status"]
COUNTS = st.integers(0, 10**9)
DAYS = st.lists(st.tuples(COUNTS, COUNTS).map(lambda pair: (max(pair), min(pair))), max_size=30).map(tuple)


def cell(title: str, **changes: object) -> str:
    """What stands in a column for a token."""
    (column,) = [column for column in COLUMNS if column.title == title]
    return column.text(replace(TOKEN, **changes), CELL_CONTEXT)  # type: ignore[arg-type]


def test_which_columns_are_shown_at_which_width() -> None:
    """SCREENS: five at 80, more at 120, the external ID and the sparkline from 140; a cell is the scrollbar's."""
    for width, titles in ((80, NARROW), (120, USUAL)):
        assert [column.title for column, _ in layout(width - 1)] == titles
    assert {column.title for column, _ in layout(138)} == set(USUAL)
    assert {column.title for column, _ in layout(139)} == {*USUAL, "External ID", "Requests"}


@given(st.integers(0, 1000))
def test_they_fill_the_width_and_fit_into_it(width: int) -> None:
    """From 80 on; below that the app scrolls. At most the division's rest is left."""
    shown = layout(width)
    used = MARK_WIDTH + sum(cells + GAP for _, cells in shown)
    assert all(cells >= column.width for column, cells in shown)
    if width >= 79:
        assert width - 4 < used <= width
    else:
        assert [column.title for column, _ in shown] == NARROW


@given(st.integers(0, 400))
def test_a_wider_table_never_shows_less(width: int) -> None:
    before, after = layout(width), layout(width + 1)
    assert {column for column, _ in before} <= {column for column, _ in after}


def test_what_people_typed_is_text() -> None:
    for typed, shown in (("[red]x[/]", "[red]x[/]"), ("\x1b[31m", "␛[31m"), ("a\u202eb", "a\ufffdb"), ("a\x00", "a␀")):
        assert cell("Name", name=typed) == cell("External ID", external_id=typed) == shown
    assert cell("External ID") == ""


def test_cells() -> None:
    assert cell("ID") == "SU-631-646-036"
    assert cell("Extension") == "Custom EXT-000"
    assert cell("Permissions") == "Full"
    assert cell("Status", status=Status.EXPIRING) == "◐ Expiring"
    assert cell("Expires") == cell("Last used") == "never"
    assert cell("Expires", expires_at=START + timedelta(hours=21)) == "in 21 h"
    assert cell("Created", created_at=START - timedelta(days=554)) == "19 May 2025"


@pytest.mark.parametrize("status", Status)
def test_every_cell_fits_its_column_but_for_names(status: Status) -> None:
    """The longest there are: 1000 modules, a date, every status."""
    long = START - timedelta(days=3000)
    token = replace(
        TOKEN, status=status, all_modules=False, modules=("m",) * 1000, created_at=long, expires_at=long,
        last_used_at=long, extension_name="Flowgear", extension_code="",
    )  # fmt: skip
    for column in COLUMNS:
        if not column.grow and column.title != "Permissions":
            assert len(column.text(token, CELL_CONTEXT)) <= column.width, column.title
        assert len(f"{column.title} ↓") <= column.width or column.sort is None, column.title


def test_the_heading_shows_by_what_and_which_way_it_is_sorted() -> None:
    name = COLUMNS[0]
    assert heading(name, SortField.NAME, False) == "Name ↑"
    assert heading(name, SortField.NAME, True) == "Name ↓"
    assert heading(name, SortField.ID, True) == "Name"
    assert all(heading(column, SortField.NAME, True).count("↓") == (column is name) for column in COLUMNS)
    assert len(SORT_ORDER) == len(set(SORT_ORDER)) == len(SortField)


def test_sparklines() -> None:
    assert sparkline(()) == ()
    assert sparkline(((0, 0),) * 3) == ((" ", False),) * 3
    assert sparkline(((1, 0),)) == (("▅", False),)
    assert "".join(block for block, _ in sparkline(tuple((number, 0) for number in range(9)))) == " ▁▂▃▄▅▆▇█"
    assert [wrong for _, wrong in sparkline(((100, 9), (100, 10), (1, 1), (0, 0)))] == [False, True, True, False]


def test_a_sparkline_of_few_cells_joins_days() -> None:
    """Today stays the last; no day is left out."""
    days = tuple((number, 0) for number in range(30))
    assert len(sparkline(days, 30)) == 30
    assert sparkline(days, 15) == sparkline(tuple((4 * number + 1, 0) for number in range(15)))
    assert sparkline(days[1:], 15) == sparkline(((1, 0), *((4 * number + 1, 0) for number in range(1, 15))))
    assert sparkline(((9, 0), (1, 1)), 1) == (("█", True),)
    assert sparkline((), 15) == sparkline((), 0) == ()


@given(DAYS)
def test_a_sparkline_has_a_character_a_day_and_shows_every_response(days: tuple[tuple[int, int], ...]) -> None:
    line = sparkline(days)
    assert len(line) == len(days)
    for (total, errors), (block, wrong) in zip(days, line, strict=True):
        assert (block == " ") is (total == 0)
        assert wrong is (total > 0 and errors / total >= 0.1) or abs(errors / max(1, total) - 0.1) < 1e-6
    heights = {total: " ▁▂▃▄▅▆▇█".index(block) for (total, _), (block, _) in zip(days, line, strict=True)}
    assert sorted(heights) == sorted(heights, key=lambda total: (heights[total], total))


def test_each_status_has_a_style_of_its_own() -> None:
    assert len({style_of(status) for status in Status}) == len(Status)
