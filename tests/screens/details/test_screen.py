"""The details screen: its header, its tabs, and what others do to the token meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from textual.widgets import TabbedContent

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.details.driving import facts, is_titled, line, notice, open_details, row, title
from tests.screens.drawn import toasts
from tokentui.app import TokentuiApp
from tokentui.context import Actor, Context
from tokentui.errors import DatabaseLocked
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import Action, Status, TokenChanges, TokenRecord
from tokentui.screens import retry
from tokentui.screens.details import screen
from tokentui.screens.details.boxes import Box
from tokentui.screens.details.general import GeneralTab
from tokentui.screens.edit.screen import EditScreen
from tokentui.screens.widgets.entry_list import EntryTable
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.reads import get_token

Other = Callable[..., Context]


async def test_the_header_and_the_facts(app: TokentuiApp, context: Context) -> None:
    """Everything of the token, exact, local, with its distance."""
    token = make_token(
        context, "Tutorial", days=1, description="Two\nlines", external_id="crm-7", networks=("203.0.113.0/24",)
    ).token
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        assert title(details) == "Tutorial   ◐ Expiring in 24 h"
        for words in (token.label, "Custom EXT-000", "Permissions Full", "Expires 25 Nov 2026 10:30"):
            assert words in facts(details)
        assert line(details, "expires") == "expires Wed 25 Nov 2026 10:30 CET, in 24 h   w Renew"
        assert row(details, "description") == "Two\nlines"
        assert row(details, "external-id") == "crm-7"
        assert row(details, "networks") == "203.0.113.0/24"
        assert line(details, "use-last") == "never used"
        assert row(details, "owner") == "—"
        assert row(details, "modules") == "All Modules (24)"
        assert line(details, "details-position") == "1 of 1"
        assert row(details, "created") == "Tue 24 Nov 2026 10:30 CET by alice@10.0.0.5"
        assert row(details, "extension").startswith("Custom EXT-000: ")
        assert not details.query_one("#deleted").display


async def test_what_people_typed_is_text(app: TokentuiApp, context: Context) -> None:
    """Neither markup nor escape sequences, wherever it is shown."""
    token = make_token(context, "[red]x[/] [@click=app.quit]y", description="[b]\\[ ok").token
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        assert title(details) == "[red]x[/] [@click=app.quit]y   ● Active"
        assert row(details, "description") == "[b]\\[ ok"
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await settle(pilot)
        assert any("[red]x[/]" in str(cell) for cell in details.query_one(EntryTable).get_row_at(0))


@pytest.mark.parametrize("environment", [{"COLORTERM": "truecolor"}, {"TERM": "xterm-16color"}, {"NO_COLOR": "1"}])
async def test_the_frame_with_the_focus_is_lit(
    context: Context, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    """Tab goes from box to box; the frame differs by its weight, whatever colours there are."""
    for name, value in {"COLORTERM": "", "TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    token = make_token(context).token
    app = TokentuiApp(context)
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        boxes = list(details.query(Box))
        for box in boxes:
            assert app.focused is box
            assert [other.styles.border_top[0] for other in boxes if other is not box] == ["round"] * (len(boxes) - 1)
            assert box.styles.border_top[0] == "heavy"
            await pilot.press("tab")
            await settle(pilot)
        assert app.focused is boxes[0]


async def test_tabs_go_round_and_take_the_focus(app: TokentuiApp, context: Context) -> None:
    """[ and ] from every tab; the keys of the tab work at once."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        tabs = details.query_one(TabbedContent)
        seen = []
        for _ in range(4):
            await pilot.press("right_square_bracket")
            await settle(pilot)
            seen.append(tabs.active)
        assert seen == ["statistics", "permissions", "history", "general"]
        await pilot.press("left_square_bracket")
        await settle(pilot)
        assert tabs.active == "history"
        assert details.query_one(EntryTable).has_focus


async def test_where_it_stands_in_its_list(app: TokentuiApp, context: Context) -> None:
    """By the list that it was opened from; nothing where it is not in that any more."""
    ids = [make_token(context, name).token.id for name in ("C", "A", "B")]
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, ids[2], ListSpec(sort=Sort(SortField.NAME)))
        assert line(details, "details-position") == "2 of 3"
        details.spec = ListSpec(query="C")
        await pilot.press("f5")
        await wait_until(pilot, lambda: line(details, "details-position") == "")


@pytest.mark.parametrize(("forward", "back"), [("l", "h"), ("right", "left")])
async def test_tabs_by_keys_that_are_easy_to_reach(app: TokentuiApp, context: Context, forward: str, back: str) -> None:
    """Letters everywhere; arrows where the tab has no use for them: on Statistics they move the day."""
    token = make_token(context).token
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        tabs = details.query_one(TabbedContent)
        await pilot.press(back)
        await wait_until(pilot, lambda: tabs.active == "history")
        await pilot.press(forward)
        await wait_until(pilot, lambda: tabs.active == "general")
        await pilot.press(forward)
        await wait_until(pilot, lambda: tabs.active == "statistics")
        await pilot.press("l")
        await wait_until(pilot, lambda: tabs.active == "permissions")


async def test_next_and_previous_token(app: TokentuiApp, context: Context) -> None:
    """In the order of the list that it was opened from; the tab stays; the ends say so."""
    ids = [make_token(context, name).token.id for name in ("C", "A", "B")]
    spec = ListSpec(sort=Sort(SortField.NAME))
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, ids[1], spec)
        await pilot.press("right_square_bracket", "right_square_bracket")
        for name in ("B", "C"):
            await pilot.press("n")
            await wait_until(pilot, partial(is_titled, details, name))
        assert details.query_one(TabbedContent).active == "permissions"
        await pilot.press("n")
        await wait_until(pilot, lambda: any("last token" in note.message for note in toasts(app)))
        await pilot.press("p")
        await wait_until(pilot, lambda: title(details).startswith("B "))


async def test_another_operators_edit_keeps_tab_and_cursor(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """Shown within two seconds, without a key pressed."""
    token = make_token(context).token
    edit_token(context, token.id, TokenChanges(name="First"))
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await settle(pilot)
        table = details.query_one(EntryTable)
        await wait_until(pilot, lambda: table.row_count == 2)
        await pilot.press("down")
        edit_token(open_as(Actor("bob")), token.id, TokenChanges(name="Second"))
        await wait_until(pilot, lambda: table.row_count == 3)
        assert details.query_one(TabbedContent).active == "history"
        assert [str(cell) for cell in table.get_row_at(table.cursor_row)][2] == "created"
        assert "First → Second" in str(table.get_row_at(0)[3])


async def test_a_token_expires_while_it_is_read(
    app: TokentuiApp, context: Context, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the reader's back: it is read again."""
    token = make_token(context, "Soon", expires_at=context.now() + timedelta(hours=1)).token

    def read(context: Context, token_id: int) -> TokenRecord:
        record = get_token(context, token_id)
        if record.status is Status.EXPIRING:
            clock.move(hours=2)
        return record

    monkeypatch.setattr(screen, "get_token", read)
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        await wait_until(pilot, lambda: title(details) == "Soon   ○ Expired")


async def test_a_token_that_was_removed_for_good(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """It says so, offers nothing, and escape goes back."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        other = open_as(Actor("bob"))
        bulk.apply(other, Action.DELETE, (token.id,))
        await wait_until(pilot, lambda: "✕ Deleted" in title(details))
        bulk.apply(other, Action.PURGE, (token.id,))
        await wait_until(pilot, lambda: "removed for good" in notice(details))
        assert not details.query_one(TabbedContent).display
        await pilot.press("t", "r", "w", "v", "c", "x", "n", "e", "m")
        await settle(pilot)
        assert app.screen is details
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not details)


async def test_a_database_that_cannot_be_read_is_tried_again(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read stays; the reason stands above it until it is gone."""
    token = make_token(context).token
    monkeypatch.setattr(retry, "AFTER_S", 0.1)
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        with monkeypatch.context() as broken:

            def locked(context: Context, token_id: int, spec: ListSpec) -> None:
                raise DatabaseLocked("the database is locked", "another process is writing")

            broken.setattr(screen, "read_details", locked)
            await pilot.press("f5")
            await wait_until(pilot, lambda: "is locked" in notice(details))
            assert row(details, "external-id") == "—"
        await wait_until(pilot, lambda: notice(details) == "")


async def test_edit_begins_at_what_is_looked_at(app: TokentuiApp, context: Context) -> None:
    """e on the Permissions tab opens the permissions."""
    token = make_token(context).token
    async with app.run_test(size=(120, 40)) as pilot:
        await open_details(pilot, token.id)
        await pilot.press("right_square_bracket", "right_square_bracket", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, EditScreen))
        assert isinstance(app.screen, EditScreen)
        assert app.screen._part == "permissions"


async def test_a_read_only_app_offers_no_change(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """Browsing works; the keys that write do nothing."""
    token = make_token(context).token
    app.context = open_as(Actor("bob"), read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        await pilot.press("t", "r", "w", "e", "ctrl+d")
        await settle(pilot)
        assert app.screen is details
        assert details.query_one(GeneralTab).details is not None
