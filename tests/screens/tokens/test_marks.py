"""Marks: how many there are is always said, and what a filter hides is named before anything is done to it."""

from __future__ import annotations

import threading

import pytest
from textual.widgets import Input, Static

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing.counts import matching_ids
from tokentui.listing.spec import ListSpec
from tokentui.records import Status
from tokentui.screens.actions.bulk import BulkPreview
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.tokens.reads import count_by_status


async def test_hidden_marks_are_said_and_named(app: TokentuiApp, context: Context) -> None:
    """In the status line, also at 80 columns, and in the preview, which begins with the sums."""
    make_token(context, "First")
    make_token(context, "Second")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        marks = table_of(app).query_one("#marks", Static)
        await pilot.press("space", "space")
        await settle(pilot)
        assert str(marks.content) == "2 marked"
        assert marks.region.right <= 80
        await pilot.press("4")
        await wait_until(pilot, lambda: str(marks.content) == "2 marked (2 hidden)")
        assert marks.region.width >= len("2 marked (2 hidden)")
        await pilot.press("ctrl+d")
        await wait_until(pilot, lambda: isinstance(app.screen, BulkPreview))
        await settle(pilot)
        lines = [str(text.content) for text in app.screen.query(Static)]
        assert lines[0] == "2 will stop"
        assert any("2 tokens hidden by the filter" in line for line in lines)
        assert any("First" in line and "Second" in line for line in lines)


async def test_above_ten_the_number_is_typed(app: TokentuiApp, context: Context) -> None:
    """The button alone does nothing."""
    for number in range(11):
        make_token(context, f"Token {number}")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("ctrl+d")
        await wait_until(pilot, lambda: isinstance(app.screen, BulkPreview))
        await settle(pilot)
        await pilot.click("#confirm")
        await settle(pilot)
        assert isinstance(app.screen, BulkPreview)
        assert isinstance(app.focused, Input)
        await pilot.press("1", "1", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, TokensScreen))
        await wait_until(pilot, lambda: count_by_status(context)[Status.DELETED] == 11)


async def test_an_action_waits_for_what_is_being_marked(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes: it is about all of it, never about the token under the cursor alone."""
    for number in range(3):
        make_token(context, f"Token {number}")
    is_let_on = threading.Event()

    def slow(context: Context, spec: ListSpec) -> tuple[int, ...]:
        assert is_let_on.wait(20)
        return matching_ids(context, spec)

    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(app)
        monkeypatch.setattr("tokentui.listing.counts.matching_ids", slow)
        screen.action_mark_all()
        await screen.run_action("toggle_token")
        await pilot.pause()
        assert app.screen is screen
        is_let_on.set()
        await wait_until(pilot, lambda: isinstance(app.screen, BulkPreview))
        await settle(pilot)
        assert "3 will stop" in [str(text.content) for text in app.screen.query(Static)]
