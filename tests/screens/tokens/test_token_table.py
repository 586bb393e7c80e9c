"""The rows: what is drawn again when something changes, and where the cursor stands."""

from __future__ import annotations

from itertools import pairwise

import pytest
from rich.segment import Segment

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import TokenRecord
from tokentui.screens.messages import TokenMade
from tokentui.screens.tokens.drawn_lines import Texts
from tokentui.screens.tokens.pages import MOST_PAGES, SIZE
from tokentui.screens.tokens.row_painter import RowPainter
from tokentui.screens.tokens.status_line import StatusLine


async def test_a_move_of_the_cursor_draws_two_rows(long_list_app: TokentuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no more when the list is read again without a change; a third of the window when the cursor leaves it."""
    drawn: list[TokenRecord] = []
    paint = RowPainter.paint

    def counted(painter: RowPainter, token: TokenRecord, texts: Texts, *, cursor: bool, marked: bool) -> list[Segment]:
        drawn.append(token)
        return paint(painter, token, texts, cursor=cursor, marked=marked)

    monkeypatch.setattr(RowPainter, "paint", counted)
    async with long_list_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(long_list_app).table
        drawn.clear()
        await pilot.press("down")
        await settle(pilot)
        assert drawn == [table.pages.row(0), table.pages.row(1)]
        await pilot.press("up", "down")
        await settle(pilot)
        drawn.clear()
        await pilot.press("up")
        await settle(pilot)
        assert drawn == [], "both rows were drawn before, with the cursor and without"
        await pilot.press("down")
        await settle(pilot)
        await pilot.press("f5")
        await settle(pilot)
        assert drawn == []
        await pilot.press("space")
        await settle(pilot)
        assert drawn == [table.pages.row(1), table.pages.row(2)]
        while table.index < table.height - 1:
            await pilot.press("down")
        assert table.scroll_offset.y == 0
        await pilot.press("down")
        assert table.scroll_offset.y == table.height // 3 + 1


async def test_lines_that_come_back_are_not_drawn_again(
    long_list_app: TokentuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But those whose marks, texts or tokens are others by then."""
    drawn: list[int] = []
    paint = RowPainter.paint

    def counted(painter: RowPainter, token: TokenRecord, texts: Texts, *, cursor: bool, marked: bool) -> list[Segment]:
        drawn.append(token.id)
        return paint(painter, token, texts, cursor=cursor, marked=marked)

    monkeypatch.setattr(RowPainter, "paint", counted)
    async with long_list_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(long_list_app).table
        await wait_until(pilot, lambda: table.pages.row(table.pages.total - 1) is not None)
        second = table.visible_rows()[1].id
        await pilot.press("G")
        await settle(pilot)
        drawn.clear()
        await pilot.press("g", "G")
        await settle(pilot)
        assert drawn == []
        table.set_marks([second])
        await pilot.press("g")
        await settle(pilot)
        assert drawn == [second]
        await pilot.press("G")
        await settle(pilot)
        table.refresh_times()
        drawn.clear()
        await pilot.press("g", "G")
        await settle(pilot)
        assert drawn == [], "time has passed, and changed none of their texts"
        page = (table.pages.row(index) for index in range(SIZE))
        table.put_page(0, tuple(row for row in page if row is not None))
        await pilot.press("g")
        await settle(pilot)
        assert len(drawn) == table.height, "the page was read again"


async def test_the_cursor_goes_to_a_token_that_was_just_made(long_list_app: TokentuiApp, long_list: Context) -> None:
    """However far it is from where the cursor stood; a filter that hides it leaves the cursor."""
    async with long_list_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(long_list_app).table
        new = make_token(long_list, "Just made", days=400).token
        long_list_app.post_message(TokenMade(new.id))
        await wait_until(pilot, lambda: table.token_id == new.id)
        assert table.scroll_offset.y <= table.index < table.scroll_offset.y + table.height
        await pilot.press("2")
        await settle(pilot)
        stood = table.token_id
        other = make_token(long_list, "Hidden", days=400).token
        long_list_app.post_message(TokenMade(other.id))
        await settle(pilot)
        assert table.token_id == stood


async def test_the_counts_fit_every_width(sample_app: TokentuiApp) -> None:
    """Names, then shapes, then close together; the marks are always whole."""
    async with sample_app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        await pilot.press("space")
        line = table_of(sample_app).query_one(StatusLine)
        for width in (120, 80, 60, 44):
            await pilot.resize_terminal(width, 24)
            await settle(pilot)
            regions = [child.region for child in line.children]
            assert all(one.right <= other.x for one, other in pairwise(regions))
            assert regions[-1].right <= width
            assert str(line.children[-1].render()) == "1 marked"


async def test_both_ends_are_read_ahead_and_stay(long_list_app: TokentuiApp) -> None:
    """So that a jump there shows rows at once; not those of a filtered list, which may take long to find."""
    async with long_list_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        pages = table_of(long_list_app).table.pages
        await wait_until(pilot, lambda: pages.row(pages.total - 1) is not None)
        for number in range(MOST_PAGES + 3):
            pages.put(number + 100, ())
        assert pages.row(0) is not None
        assert pages.row(pages.total - 1) is not None
