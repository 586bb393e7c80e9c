"""The History tab: read on as it is scrolled, and without a secret."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from textual.widgets import Static

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.details.driving import open_details, open_keys
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import Issued, TokenChanges
from tokentui.screens.widgets import entry_list
from tokentui.screens.widgets.entry_list import EntryList, EntryTable
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import rotate_token


def has_more(tab: EntryList, before: int) -> bool:
    return len(tab.entries) > before or tab.is_complete


async def test_history_is_read_on_as_it_is_scrolled(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page at a time, to the first entry."""
    monkeypatch.setattr(entry_list, "PAGE", 20)
    token = make_token(context, "0").token
    for number in range(1, 50):
        edit_token(context, token.id, TokenChanges(name=str(number)))
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await settle(pilot)
        tab = details.query_one(EntryList)
        await wait_until(pilot, lambda: len(tab.entries) == 20)
        while not tab.is_complete:
            before = len(tab.entries)
            await pilot.press("pagedown")
            await settle(pilot)
            if details.query_one(EntryTable).cursor_row >= before - 1:
                await wait_until(pilot, partial(has_more, tab, before))
        assert len(tab.entries) == 50
        assert tab.entries[-1].action == "create"
        assert str(details.query_one(".entry-note", Static).content) == "50 entries"


async def test_history_holds_no_secret(app: TokentuiApp, context: Context) -> None:
    """Neither of a rotation nor of a look at the key."""
    issued: Issued = make_token(context)
    rotate_token(context, issued.token.id, overlap=timedelta(hours=1))
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, issued.token.id)
        await pilot.press("v")
        await wait_until(pilot, lambda: open_keys(details) == 1)
        await pilot.press("left_square_bracket")
        await settle(pilot)
        table = details.query_one(EntryTable)
        await wait_until(pilot, lambda: table.row_count == 3)
        text = " ".join(str(cell) for place in range(3) for cell in table.get_row_at(place))
        assert "key viewed" in text
        assert not re.search(r"[0-9a-f]{32}", text)
