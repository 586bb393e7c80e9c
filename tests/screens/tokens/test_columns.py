"""The table's columns: which there are at which width, how wide they are, and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tests.ui.test_wording import TOKEN
from tokentui.listing.spec import Sort, SortField
from tokentui.records import Status, TokenRecord
from tokentui.screens.tokens.columns import (
    COLUMNS,
    MARK_WIDTH,
    SCROLLBAR,
    CellContext,
    CellKind,
    Layout,
    columns_of,
    heading,
    layout,
    needs_of,
    style_of,
)

CONTEXT = CellContext(START, ZoneInfo("Europe/Berlin"))
BY_NAME = Sort(SortField.NAME)
SCREENS = st.integers(60, 240)
TOKENS = st.builds(
    lambda name, external, extension, created, expires, status: replace(
        TOKEN, name=name, external_id=external, extension_name=extension, status=status,
        created_at=START - timedelta(hours=created), expires_at=START + timedelta(hours=expires),
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x3FFF), min_size=1, max_size=128),
    st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=128),
    st.sampled_from(["Custom", "Flowgear", "An extension of a long name"]),
    st.integers(0, 30_000),
    st.integers(-30_000, 30_000),
    st.sampled_from(Status),
)  # fmt: skip


def titles(screen: int) -> list[str]:
    """The headings on a screen of so many columns."""
    return [column.title for column in columns_of(screen - SCROLLBAR)]


def laid_out(screen: int, tokens: list[TokenRecord], sort: Sort = BY_NAME) -> Layout:
    """The layout of these tokens on a screen of so many columns."""
    return layout(screen - SCROLLBAR, needs_of(tokens, CONTEXT), sort)


def cell(title: str, context: CellContext = CONTEXT, **changes: object) -> str:
    """What stands in a column for a token."""
    (column,) = [column for column in COLUMNS if column.title == title]
    return column.text(replace(TOKEN, **changes), context)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("screen", "added"),
    [
        (80, ["Name", "ID", "Permissions", "Expires", "Status"]),
        (100, ["Last used"]),
        (120, ["Extension", "Created"]),
        (140, ["Requests", "Errors", "30 days"]),
        (160, ["External ID"]),
    ],
)
def test_columns_appear_at_the_width_that_is_said(screen: int, added: list[str]) -> None:
    """And not one cell before; none goes away on a wider screen."""
    before = titles(screen - 1)
    assert not set(added) <= set(before)
    assert set(titles(screen)) == {*added, *(before if screen > 80 else [])}


@given(st.integers(0, 400))
def test_a_wider_screen_never_shows_less(screen: int) -> None:
    assert set(titles(screen)) <= set(titles(screen + 1))


@given(SCREENS, st.lists(TOKENS, max_size=5), st.sampled_from([SortField.NAME, SortField.EXPIRES, SortField.LAST_USED]))
def test_nothing_is_cut_while_another_column_has_room(screen: int, tokens: list[TokenRecord], field: SortField) -> None:
    """At every width: the columns fill the screen, and the name has all that the others do not need."""
    needs, sort = needs_of(tokens, CONTEXT), Sort(field)
    laid = laid_out(screen, tokens, sort)
    used = laid.left + sum(cells for _, cells in laid.columns) + sum(laid.gaps)
    assert used == screen - SCROLLBAR
    spare: dict[str, int] = {}
    lacking: dict[str, int] = {}
    for column, cells in laid.columns:
        needed = max(len(heading(column, sort)), needs[column.title])
        if column.kind is CellKind.SPARKLINE:
            needed = 10
        (spare if cells > needed else lacking)[column.title] = abs(cells - needed)
    if any(lacking.values()):
        assert all(column.elastic for column, _ in laid.columns if lacking.get(column.title))
        assert not spare
    else:
        assert set(spare) <= {"Name", "30 days"}


@pytest.mark.parametrize("name", ["Short", "A name that is longer than any room", "x" * 128])
@pytest.mark.parametrize("screen", [60, 80, 100, 120, 140, 150, 160, 180, 240])
def test_two_blanks_keep_dates_apart(screen: int, name: str) -> None:
    """However long a name is: `24 May 2025  in 21 h`."""
    laid = laid_out(screen, [replace(TOKEN, name=name)])
    shown = [column.title for column, _ in laid.columns]
    for title in {"Expires", "Last used"} & set(shown):
        assert laid.gaps[shown.index(title) - 1] >= 2
    if laid.columns[0][1] > 40:
        assert set(laid.gaps[:-1]) == {2}


@given(SCREENS)
def test_usual_names_are_whole_on_every_screen(screen: int) -> None:
    """Twenty cells at 60 columns, as at 240."""
    token = replace(TOKEN, name="Nightly usage upload", external_id="crm-6157", expires_at=START - timedelta(days=900))
    laid = laid_out(screen, [token])
    assert laid.columns[0][1] >= 20


def test_the_status_is_told_below_eighty_columns_by_its_shape() -> None:
    assert laid_out(79, [TOKEN]).shape
    assert laid_out(79, [TOKEN]).left == MARK_WIDTH + 2
    assert not laid_out(80, [TOKEN]).shape
    assert titles(79) == ["Name", "ID", "Expires"]
    assert titles(40) == ["Name", "Expires"]


def test_what_people_typed_is_text() -> None:
    for typed, shown in (("[red]x[/]", "[red]x[/]"), ("\x1b[31m", "␛[31m"), ("a\u202eb", "a\ufffdb"), ("a\x00", "a␀")):
        assert cell("Name", name=typed) == cell("External ID", external_id=typed) == shown
    assert cell("External ID") == ""


def test_cells() -> None:
    """The extension's code is for the details; dates are of one style."""
    assert cell("ID") == "SU-631-646-036"
    assert cell("Extension") == "Custom"
    assert cell("Permissions") == "Full"
    assert cell("Status", status=Status.EXPIRING) == "◐ Expiring"
    assert cell("Expires") == cell("Last used") == "never"
    assert cell("Expires", expires_at=START + timedelta(hours=21)) == "in 21 h"
    assert cell("Created", created_at=START - timedelta(days=554)) == "19 May 2025"


def test_requests_and_errors_of_thirty_days() -> None:
    """Nothing while they are not known; a figure and per cent then."""
    assert cell("Requests") == cell("Errors") == ""
    used = CONTEXT._replace(use={TOKEN.id: ((0, 0),) * 28 + ((14_000, 300), (305, 71))})
    assert cell("Requests", used) == "14\u202f305"
    assert cell("Errors", used) == "2.6\u202f%"
    unused = CONTEXT._replace(use={TOKEN.id: ((0, 0),) * 30})
    assert (cell("Requests", unused), cell("Errors", unused)) == ("0", "")


def test_the_heading_shows_by_what_and_which_way_it_is_sorted() -> None:
    name = COLUMNS[0]
    assert heading(name, Sort(SortField.NAME)) == "Name ↑"
    assert heading(name, Sort(SortField.NAME, descending=True)) == "Name ↓"
    assert heading(name, Sort(SortField.ID)) == "Name"


def test_each_status_has_a_style_of_its_own() -> None:
    assert len({style_of(status) for status in Status}) == len(Status)
