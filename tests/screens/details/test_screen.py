"""The details screen: its header, its tabs, and what others do to the token meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TabbedContent

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tokentui import audit
from tokentui.app import TokentuiApp
from tokentui.context import Actor, Context
from tokentui.crypto.key_format import Key, masked
from tokentui.errors import DatabaseLocked
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import Action, Issued, TokenChanges
from tokentui.screens import retry
from tokentui.screens.details import history, screen
from tokentui.screens.details.boxes import Row
from tokentui.screens.details.general import GeneralTab
from tokentui.screens.details.history import HistoryTab, HistoryTable
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.dialogs import Confirm
from tokentui.screens.edit.screen import EditScreen
from tokentui.screens.messages import OpenToken
from tokentui.screens.widgets import secret_field
from tokentui.screens.widgets.flow import Flow
from tokentui.screens.widgets.notice import Notice
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.reads import list_secrets
from tokentui.tokens.secrets import rotate_token

Other = Callable[..., Context]


async def open_details(pilot: Pilot[None], token_id: int, spec: ListSpec | None = None) -> DetailsScreen:
    """The screen with its token read."""
    pilot.app.post_message(OpenToken(token_id, spec or ListSpec()))
    await wait_until(
        pilot, lambda: isinstance(pilot.app.screen, DetailsScreen) and pilot.app.screen.details is not None
    )
    await settle(pilot)
    assert isinstance(pilot.app.screen, DetailsScreen)
    await wait_until(pilot, lambda: bool(pilot.app.screen.query(SecretField)) or not pilot.app.screen.query("#key"))
    return pilot.app.screen


def row(details: DetailsScreen, name: str) -> str:
    return str(details.query_one(f"#{name}", Row).query_one(".row-value", Static).content)


def line(details: DetailsScreen, name: str) -> str:
    return str(details.query_one(f"#{name}", Static).content)


def title(details: DetailsScreen) -> str:
    return line(details, "details-name")


def is_titled(details: DetailsScreen, name: str) -> bool:
    return title(details).startswith(f"{name} ")


def has_more(tab: HistoryTab, known: int) -> bool:
    return len(tab.entries) > known or tab._complete


def facts(details: DetailsScreen) -> str:
    return str(details.query_one("#details-facts", Flow).render())


def keys(details: DetailsScreen) -> list[str]:
    """What stands in the fields of the secrets."""
    return [str(field.query_one("#secret-text", Static).content) for field in details.query(SecretField)]


def open_keys(details: DetailsScreen) -> int:
    return sum(field.shown for field in details.query(SecretField))


def notice(details: DetailsScreen) -> str:
    shown = details.query_one(Notice)
    return str(shown.content) if shown.display else ""


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
        assert any("[red]x[/]" in str(cell) for cell in details.query_one(HistoryTable).get_row_at(0))


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
        assert details.query_one(HistoryTable).has_focus


# The key


async def test_the_key_is_covered_until_it_is_viewed(app: TokentuiApp, context: Context) -> None:
    """v shows it, and v covers it; each look is in the audit."""
    issued = make_token(context)
    assert issued.key is not None
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, issued.token.id)
        assert keys(details) == [f"{issued.token.label}:{'•' * 40}"]
        await pilot.press("v")
        await wait_until(pilot, lambda: keys(details) == [issued.key.text])  # type: ignore[union-attr]
        await pilot.press("v")
        assert keys(details) == [f"{issued.token.label}:{'•' * 40}"]
    assert [entry.action for entry in audit.entries(context, issued.token.id)] == ["reveal", "create"]


async def test_leaving_the_tab_or_the_screen_covers_the_key(app: TokentuiApp, context: Context) -> None:
    """And v on another tab goes to General first."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        await pilot.press("v")
        await wait_until(pilot, lambda: open_keys(details) == 1)
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: open_keys(details) == 0)
        await pilot.press("v")
        await wait_until(pilot, lambda: open_keys(details) == 1)
        assert details.query_one(TabbedContent).active == "general"
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, EditScreen))
        assert open_keys(details) == 0


async def test_suspending_the_app_covers_the_key(app: TokentuiApp, context: Context) -> None:
    """As ctrl+z does."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        await pilot.press("v")
        await wait_until(pilot, lambda: open_keys(details) == 1)
        app.app_suspend_signal.publish(app)
        assert open_keys(details) == 0


async def test_the_key_is_covered_by_itself(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After half a minute, here shortened."""
    assert secret_field.SHOWN_FOR == 30
    monkeypatch.setattr(secret_field, "SHOWN_FOR", 0.05)
    revealed: list[str] = []
    reveal = SecretField.reveal

    def noted(field: SecretField, key: Key) -> None:
        revealed.append(key.text)
        reveal(field, key)
        assert field.shown

    monkeypatch.setattr(SecretField, "reveal", noted)
    issued = make_token(context)
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, issued.token.id)
        await pilot.press("v")
        await wait_until(pilot, lambda: bool(revealed) and open_keys(details) == 0)
        assert keys(details) == [masked(issued.token.id)]


async def test_an_open_key_stays_open_when_something_else_changes(
    app: TokentuiApp, context: Context, open_as: Other
) -> None:
    """The name was changed by another operator; the secret was not."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        await pilot.press("v")
        await wait_until(pilot, lambda: open_keys(details) == 1)
        edit_token(open_as(Actor("bob")), token.id, TokenChanges(name="Renamed"))
        await wait_until(pilot, lambda: title(details) == "Renamed   ● Active")
        assert open_keys(details) == 1


async def test_both_keys_of_an_overlap(app: TokentuiApp, context: Context, clock: FrozenClock) -> None:
    """Which is new, until when the old one works, and both can be seen."""
    old = make_token(context).key
    assert old is not None
    clock.move(minutes=5)
    new = rotate_token(context, old.token_id, overlap=timedelta(hours=1)).key
    assert new is not None
    clock.move(minutes=5)
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, old.token_id)
        said = [str(each.content) for each in details.query(".secret-facts").results(Static)]
        assert said == [
            "new key, made 5 min ago, not used yet",
            "old key works until 24 Nov 2026 11:35 (in 55 min), never used",
        ]
        await pilot.press("v")
        await wait_until(pilot, lambda: keys(details) == [new.text, masked(old.token_id)])
        await pilot.press("V")
        await wait_until(pilot, lambda: keys(details) == [new.text, old.text])
        clock.move(hours=2)
        await pilot.press("f5")
        await wait_until(pilot, lambda: len(keys(details)) == 1)


async def test_a_deleted_token_shows_no_key(app: TokentuiApp, context: Context) -> None:
    """v says why; the command to try it is gone, too."""
    token = make_token(context).token
    bulk.apply(context, Action.DELETE, (token.id,))
    async with app.run_test(size=(80, 24)) as pilot:
        app.post_message(OpenToken(token.id, ListSpec()))
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.details is not None)
        await settle(pilot)
        details = app.screen
        assert isinstance(details, DetailsScreen)
        await wait_until(pilot, lambda: "restore it" in " ".join(str(s.content) for s in details.query(Static)))
        assert "✕ Deleted" in title(details)
        assert not details.query_one("#try-it").display
        await pilot.press("v")
        await wait_until(pilot, lambda: any("no key" in note.message for note in toasts(app)))


async def test_the_old_key_of_an_overlap_is_stopped(app: TokentuiApp, context: Context) -> None:
    """Its commands are there while it works; a question, then it is gone and the current one stays."""
    token = make_token(context).token
    rotate_token(context, token.id, overlap=timedelta(hours=1))
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        assert {"details.view_old_key", "details.stop_old"} <= {offer.command.id for offer in details.offers()}
        await pilot.press("full_stop")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: app.screen is details and len(keys(details)) == 1)
        assert [secret.current for secret in list_secrets(context, token.id)] == [True]
        assert not {"details.view_old_key", "details.stop_old"} & {offer.command.id for offer in details.offers()}
        await pilot.press("full_stop", "V", "C")
        await settle(pilot)
        assert app.screen is details


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


async def test_trying_it(app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is one that the token may ask for, behind the base path; x copies it with the key, in no argument."""
    issued = make_token(context, modules=("helpdesk",), all_modules=False)
    assert issued.key is not None
    context.settings = replace(context.settings, base_path="/public/v1")
    sent: list[str] = []

    def keep(text: str) -> str:
        sent.append(text)
        return ""

    monkeypatch.setattr("tokentui.ui.clipboard.osc52", keep)
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, issued.token.id)
        shown = line(details, "try-it").removeprefix("Try it   ").removesuffix("   x copies it with the key")
        assert shown.startswith("curl -H 'Authorization: ApiKey …' https://api.example.com/public/v1/")
        path = re.search(r"/public/v1(\S+)", shown)[1]  # type: ignore[index]
        assert details.details is not None
        assert path in details.details.catalog.module("helpdesk").paths
        await pilot.press("x")
        await wait_until(pilot, lambda: bool(sent))
        context.settings = replace(context.settings, api_url="https://api.acme.test/v2/")
        await pilot.press("x")
        await wait_until(pilot, lambda: len(sent) == 2)
    assert sent[0] == shown.splitlines()[0].replace("…", issued.key.text)
    assert sent[1].endswith(f" https://api.acme.test/v2{path}")


# The list around it


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
        table = details.query_one(HistoryTable)
        await wait_until(pilot, lambda: table.row_count == 2)
        await pilot.press("down")
        edit_token(open_as(Actor("bob")), token.id, TokenChanges(name="Second"))
        await wait_until(pilot, lambda: table.row_count == 3)
        assert details.query_one(TabbedContent).active == "history"
        assert [str(cell) for cell in table.get_row_at(table.cursor_row)][2] == "created"
        assert "First → Second" in str(table.get_row_at(0)[3])


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


# Permissions


async def test_permissions_name_every_module(app: TokentuiApp, context: Context) -> None:
    """Those of the token first; the filter finds by name and path; escape clears it before it leaves."""
    token = make_token(context, modules=("helpdesk", "usage"), all_modules=False).token
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await settle(pilot)

        def lines() -> list[str]:
            text = str(details.query_one("#permissions-rows", Static).content)
            return [line for line in text.splitlines() if not line.startswith("  ")]

        assert details.details is not None
        assert len(lines()) == len(details.details.catalog.modules)
        assert [line.split()[0] for line in lines() if "Enabled" in line] == ["Helpdesk", "Usage"]
        assert "Enabled" in lines()[1]
        assert "—" in lines()[2]
        await pilot.press("slash", *"agree")
        assert [line.split()[0] for line in lines()] == ["Agreements"]
        await pilot.press(*"xxx")
        assert lines() == ["No module matches. Esc clears the filter."]
        await pilot.press("escape")
        assert details.query_one("#permissions-filter", Input).value == ""
        assert app.screen is details


async def test_all_modules_are_named_as_such(app: TokentuiApp, context: Context) -> None:
    """Full is not today's list."""
    token = make_token(context).token
    async with app.run_test(size=(120, 40)) as pilot:
        details = await open_details(pilot, token.id)
        assert str(details.query_one("#permissions-summary", Static).content).startswith("Full: All Modules")
        first = str(details.query_one("#permissions-rows", Static).content).splitlines()[0]
        assert first.startswith("All Modules")
        assert "Enabled" in first


async def test_edit_begins_at_what_is_looked_at(app: TokentuiApp, context: Context) -> None:
    """e on the Permissions tab opens the permissions."""
    token = make_token(context).token
    async with app.run_test(size=(120, 40)) as pilot:
        await open_details(pilot, token.id)
        await pilot.press("right_square_bracket", "right_square_bracket", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, EditScreen))
        assert isinstance(app.screen, EditScreen)
        assert app.screen._part == "permissions"


# History


async def test_history_is_read_on_as_it_is_scrolled(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page at a time, to the first entry."""
    monkeypatch.setattr(history, "PAGE", 20)
    token = make_token(context, "0").token
    for number in range(1, 50):
        edit_token(context, token.id, TokenChanges(name=str(number)))
    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, token.id)
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await settle(pilot)
        tab = details.query_one(HistoryTab)
        await wait_until(pilot, lambda: len(tab.entries) == 20)
        while not tab._complete:
            known = len(tab.entries)
            await pilot.press("pagedown")
            await settle(pilot)
            if details.query_one(HistoryTable).cursor_row >= known - 1:
                await wait_until(pilot, partial(has_more, tab, known))
        assert len(tab.entries) == 50
        assert tab.entries[-1].action == "create"
        assert str(details.query_one("#history-note", Static).content) == "50 entries"


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
        table = details.query_one(HistoryTable)
        await wait_until(pilot, lambda: table.row_count == 3)
        text = " ".join(str(cell) for place in range(3) for cell in table.get_row_at(place))
        assert "key viewed" in text
        assert not re.search(r"[0-9a-f]{32}", text)


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
