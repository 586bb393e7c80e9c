"""The tokens screen: what it shows, and what its keys do."""

from __future__ import annotations

from collections.abc import Callable

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing.spec import SortField
from tokentui.records import Action, Status
from tokentui.screens.actions.row_menu import RowMenu
from tokentui.screens.help import HelpScreen
from tokentui.screens.tokens.filter_bar import FilterBar
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.notice import Notice
from tokentui.tokens import bulk, secrets
from tokentui.tokens.reads import get_token


def table_of(app: TokentuiApp) -> TokensScreen:
    """The tokens screen, wherever it is in the stack."""
    return next(screen for screen in app.screen_stack if isinstance(screen, TokensScreen))


async def test_an_empty_list_says_what_to_press(app: TokentuiApp) -> None:
    """The first start."""
    async with app.run_test() as pilot:
        await settle(pilot)
        notice = str(app.screen.query_one(Notice).content)
        assert "Press n" in notice
        assert "tokentui demo" in notice


async def test_the_cursor_walks_and_jumps(long_list_app: TokentuiApp) -> None:
    """j k g G and their arrows; the window follows."""
    async with long_list_app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = table_of(long_list_app).table
        await pilot.press("j", "down", "k")
        assert table.index == 1
        await pilot.press("G")
        await settle(pilot)
        assert table.index == table.pages.total - 1 > 250
        assert table.token is not None
        await pilot.press("pageup", "g")
        await settle(pilot)
        assert table.index == 0
        for _ in range(60):
            await pilot.press("down")
        await settle(pilot)
        assert table.index == 60
        assert table.token is not None
        assert table.scroll_offset.y <= 60 < table.scroll_offset.y + table.height


async def test_every_row_is_reachable_and_the_window_stays_small(long_list_app: TokentuiApp) -> None:
    """Page by page to the end of a long list: each row once, and never more than the window in memory."""
    async with long_list_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(long_list_app).table
        seen = set()
        while True:
            seen |= {row.id for row in table.visible_rows()}
            before = table.index
            await pilot.press("pagedown")
            await settle(pilot)
            if table.index == before:
                break
        assert len(seen) == table.pages.total > 250
        assert len(table.pages._pages) <= 12


async def test_the_cursor_stays_on_its_token(sample_app: TokentuiApp) -> None:
    """When the order changes, and when the filter does and the token still matches."""
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(sample_app)
        chosen = screen.table.token_id
        assert chosen == 631646036
        await pilot.press("s")
        await settle(pilot)
        assert screen.spec.sort.field is SortField.NAME
        assert screen.table.token_id == chosen
        await pilot.press("S")
        await settle(pilot)
        assert screen.table.token_id == chosen
        await pilot.press("2")
        await settle(pilot)
        assert screen.table.token_id == chosen
        assert screen.table.pages.total == 4


async def test_a_filter_narrows_as_it_is_typed(sample_app: TokentuiApp, sample: Context) -> None:
    """A match, no match, and one that can't be read keeps the rows."""
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(sample_app)
        await pilot.press("slash", *"ext:flowgear")
        await settle(pilot)
        shown = screen.table.pages.total
        assert 0 < shown < 40
        assert {row.extension_slug for row in screen.table.visible_rows()} == {"flowgear"}
        await pilot.press("space", *"status:nope")
        await settle(pilot)
        bar = screen.query_one(FilterBar)
        assert bar.has_class("-wrong")
        assert screen.table.pages.total == shown
        make_token(sample, "Another operator's", extension="flowgear")
        await wait_until(pilot, lambda: screen.table.pages.total == shown + 1)
        assert bar.has_class("-wrong")  # news do not hide what is wrong
        await pilot.press("escape")
        await settle(pilot)
        assert screen.table.pages.total == 39
        assert not bar.has_class("-wrong")
        await pilot.press("slash", *"nothing-has-this-name")
        await settle(pilot)
        assert "Esc" in str(screen.query_one(Notice).content)


async def test_a_change_by_another_process_shows_without_a_key(
    app: TokentuiApp, context: Context, open_as: Callable[..., Context]
) -> None:
    """A new row, an edit; the cursor stays where it was."""
    first = make_token(context, "Zebra").token
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(app)
        other = open_as()
        make_token(other, "Antelope", days=5)
        await wait_until(pilot, lambda: screen.table.pages.total == 2)
        await settle(pilot)
        assert screen.table.token_id == first.id
        assert screen.table.index == 1
        bulk.apply(other, Action.DISABLE, [first.id])
        await wait_until(pilot, lambda: screen.table.token is not None and screen.table.token.status is Status.DISABLED)


async def test_marks_and_bulk_disable_with_preview(app: TokentuiApp, context: Context) -> None:
    """All that the filter shows are marked; the preview is answered; the marks are gone."""
    tokens = [make_token(context, f"T{number}").token for number in range(5)]
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(app)
        await pilot.press("ctrl+a")
        await settle(pilot)
        assert screen.table.marks == {token.id for token in tokens}
        await pilot.press("t")
        await wait_until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press("right", "enter")
        await settle(pilot)
        assert {get_token(context, token.id).status for token in tokens} == {Status.DISABLED}
        assert screen.table.marks == set()
        await pilot.press("u")
        await settle(pilot)
        assert {get_token(context, token.id).status for token in tokens} == {Status.ACTIVE}


async def test_delete_asks_with_the_safe_button_focused(app: TokentuiApp, context: Context) -> None:
    """Enter alone deletes nothing; then it does, and u takes it back."""
    token = make_token(context, "[red]x[/]").token
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+d")
        await wait_until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press("enter")
        await settle(pilot)
        assert get_token(context, token.id).status is Status.ACTIVE
        await pilot.press("ctrl+d")
        await wait_until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press("right", "enter")
        await settle(pilot)
        assert get_token(context, token.id).status is Status.DELETED
        await pilot.press("u")
        await settle(pilot)
        assert get_token(context, token.id).status is Status.ACTIVE


async def test_the_row_menu_offers_what_the_status_allows(app: TokentuiApp, context: Context) -> None:
    """Renew is not offered for a perpetual token; restore for a deleted one alone."""
    token = make_token(context, "Forever", days=None).token
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert isinstance(app.screen, RowMenu)
        offered = [offer.command.action for offer in app.screen.menu]
        assert "rotate" in offered
        assert "renew" not in offered
        assert "restore" not in offered
        await pilot.press("escape")
        await settle(pilot)
        bulk.apply(context, Action.DELETE, [token.id])
        await wait_until(pilot, lambda: table_of(app).table.token is None)
        assert "Press 5" in str(table_of(app).query_one(Notice).content)
        await pilot.press("5")
        await wait_until(pilot, lambda: table_of(app).table.token is not None)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert "restore" in [offer.command.action for offer in app.screen.menu]


async def test_help_lists_every_key_and_searches(app: TokentuiApp) -> None:
    """`?` anywhere; typing narrows."""
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        rows = str(app.screen.query_one("#help-rows").content)  # type: ignore[attr-defined]
        assert "token.rotate" in rows
        assert "statistics.table" in rows
        await pilot.press(*"rotate")
        await settle(pilot)
        rows = str(app.screen.query_one("#help-rows").content)  # type: ignore[attr-defined]
        assert "token.rotate" in rows
        assert "statistics.table" not in rows
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, TokensScreen)


async def test_rebound_keys_work_and_show(context: Context) -> None:
    """`[keys]` of the configuration."""
    from dataclasses import replace

    make_token(context)
    context.settings = replace(context.settings, keys={"token.menu": "M"})
    app = TokentuiApp(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("M")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))


async def test_read_only_offers_nothing_that_writes(context: Context, open_as: Callable[..., Context]) -> None:
    """Neither by key nor in the menu."""
    token = make_token(context).token
    app = TokentuiApp(open_as(read_only=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+d", "n", "t")
        await settle(pilot)
        assert isinstance(app.screen, TokensScreen)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert not any(offer.command.writes for offer in app.screen.menu)  # type: ignore[attr-defined]
    assert get_token(context, token.id).status is Status.ACTIVE


async def test_a_database_that_goes_away_and_comes_back(app: TokentuiApp, context: Context) -> None:
    """The rows stay, the screen says so, and goes on by itself when the cause is gone."""
    secrets.reveal_keys(context, make_token(context).token.id)
    path = context.database.path
    assert path is not None
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(app)
        context.database.close()
        moved = path.with_name("moved.db")
        path.rename(moved)
        screen.load()
        await wait_until(pilot, lambda: bool(screen.query_one(Notice).display))
        assert screen.table.pages.total == 1
        moved.rename(path)
        await wait_until(pilot, lambda: not screen.query_one(Notice).display)
