"""The room that columns have for the pages that were in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from tests.factories import START
from tests.ui.test_wording import TOKEN
from tokentui.records import TokenRecord
from tokentui.screens.tokens.column_room import ColumnRoom
from tokentui.screens.tokens.columns import CellContext

Reach = Callable[[int, TokenRecord, timedelta], bool]


@pytest.fixture
def room() -> ColumnRoom:
    return ColumnRoom()


@pytest.fixture
def reach(room: ColumnRoom) -> Reach:
    """Has a page of one row in the window, so long after the start."""
    return lambda number, token, later: room.reach(number, [token], CellContext(START + later, UTC))


def named(name: str) -> TokenRecord:
    return replace(TOKEN, name=name, last_used_at=START)


def test_it_grows_with_each_page_that_is_reached(room: ColumnRoom, reach: Reach) -> None:
    now = timedelta()
    assert reach(0, named("Short"), now)
    room.read(1, [named("A longer name")], CellContext(START, UTC))
    assert room.cells["Name"] == len("Short")
    assert reach(1, named("A longer name"), now)
    assert not reach(0, named("Short"), now)
    assert room.cells["Name"] == len("A longer name")
    assert room.add([named("A name that is longer")], CellContext(START, UTC))
    assert room.cells["Name"] == len("A name that is longer")


def test_it_knows_of_few_pages_however_far_one_scrolls(room: ColumnRoom, reach: Reach) -> None:
    for number in range(100):
        assert reach(number, named("x" * (number + 1)), timedelta())
    assert len(room._pages) <= 24
    assert not reach(0, named("x"), timedelta())
    assert room.cells["Name"] == 100


def test_a_page_is_looked_at_again_once_its_times_read_differently(room: ColumnRoom, reach: Reach) -> None:
    assert reach(0, named("One"), timedelta())
    assert room.cells["Last used"] == len("now")
    assert not reach(0, named("Not looked at so soon"), timedelta(seconds=59))
    assert reach(0, named("One"), timedelta(minutes=59))
    assert room.cells["Last used"] == len("59 min ago")
    assert reach(0, named("The clock was set back"), timedelta())
