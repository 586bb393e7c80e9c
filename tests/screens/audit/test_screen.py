"""The audit of all tokens: what it shows, its filter, the way to a token, the file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import TokenChanges
from tokentui.screens.audit.screen import AuditScreen
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.dialogs import Prompt
from tokentui.screens.widgets.entry_list import EntryList
from tokentui.tokens.edit import edit_token


@pytest.fixture
def tokens(context: Context, clock: FrozenClock) -> tuple[int, int]:
    """Two tokens; the first was renamed a day later."""
    first, second = make_token(context, "First"), make_token(context, "[red]x[/]")
    clock.move(days=1)
    edit_token(context, first.token.id, TokenChanges(name="Renamed"))
    return first.token.id, second.token.id


async def open_audit(pilot: Pilot[None]) -> EntryList:
    await settle(pilot)
    await pilot.press("a")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, AuditScreen))
    entries = pilot.app.screen.query_one(EntryList)
    await wait_until(pilot, lambda: bool(entries.entries))
    return entries


def error_of(app: TokentuiApp) -> str:
    error = app.screen.query_one("#audit-error", Static)
    return str(error.content) if error.display else ""


async def test_it_shows_the_newest_first_and_narrows_down(
    app: TokentuiApp, context: Context, tokens: tuple[int, int]
) -> None:
    """As one types; what is wrong is said when the filter is left, and the rows stay."""
    async with app.run_test(size=(120, 40)) as pilot:
        entries = await open_audit(pilot)
        assert [entry.action for entry in entries.entries] == ["edit", "create", "create"]
        assert "[red]x[/]" in str(entries.table.get_row_at(1)[-1])
        await pilot.press("slash", *"action:edit")
        await wait_until(pilot, lambda: len(entries.entries) == 1)
        await pilot.press(*" since:yest")  # not finished: the rest counts
        await settle(pilot)
        assert (len(entries.entries), error_of(app)) == (1, "")
        await pilot.press(*["backspace"] * 10, *"sinse:7d")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "did you mean since?" in error_of(app))
        assert entries.table.has_focus
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(entries.entries) == 3)
        assert error_of(app) == ""
        edit_token(context, tokens[1], TokenChanges(name="Second"))
        await wait_until(pilot, lambda: len(entries.entries) == 4)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, AuditScreen))


async def test_enter_leads_to_the_history_of_the_token(app: TokentuiApp, tokens: tuple[int, int]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        entries = await open_audit(pilot)
        await pilot.press("j")
        await wait_until(pilot, lambda: entries.entry is not None and entries.entry.token_id == tokens[1])
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.details is not None)
        details = app.screen
        assert isinstance(details, DetailsScreen)
        assert details.token_id == tokens[1]
        await wait_until(pilot, lambda: len(details.query_one(EntryList).entries) == 1)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, AuditScreen))


async def test_a_pasted_key_leaves_its_id_alone_on_the_screen(app: TokentuiApp, context: Context) -> None:
    """It shows what was done with its token."""
    issued = make_token(context, "Leaked")
    assert issued.key is not None
    token, key = issued.token, issued.key.text
    make_token(context, "Another")
    async with app.run_test(size=(120, 40)) as pilot:
        entries = await open_audit(pilot)
        for text in (key, f"Authorization: ApiKey {key}", f"token:{key}"):
            await pilot.press("slash")
            app.post_message(Paste(text))
            await wait_until(pilot, lambda: [entry.token_id for entry in entries.entries] == [token.id])
            assert (app.screen.query_one(Input).value, error_of(app)) == (f"token:{token.label}", "")
            await pilot.press("escape")
            await wait_until(pilot, lambda: len(entries.entries) == 2)


async def test_the_filtered_entries_are_written_to_a_file(
    app: TokentuiApp, tokens: tuple[int, int], tmp_path: Path
) -> None:
    file = tmp_path / "audit.csv"
    async with app.run_test(size=(120, 40)) as pilot:
        entries = await open_audit(pilot)
        await pilot.press("slash", *"action:create", "enter")
        await wait_until(pilot, lambda: len(entries.entries) == 2)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, Prompt))
        app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await wait_until(pilot, file.exists)
        await wait_until(pilot, lambda: isinstance(app.screen, AuditScreen) and not app.screen.busy)
        await settle(pilot)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert [row["action"] for row in rows] == ["create", "create"]
