"""What is done to tokens from the list and the details: asked first, said after, and nothing lost where it fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Button, Static

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tokentui import audit
from tokentui.app import TokentuiApp
from tokentui.context import Actor, Context
from tokentui.crypto.key_format import masked
from tokentui.errors import DatabaseLocked
from tokentui.listing.spec import ListSpec
from tokentui.records import Action, BulkRefusal, Plan, Status
from tokentui.screens.actions import bulk as bulk_windows
from tokentui.screens.actions import rotate
from tokentui.screens.actions.bulk import BulkPreview, refusal_lines
from tokentui.screens.actions.issue import NewKey
from tokentui.screens.actions.overlap import OverlapField
from tokentui.screens.actions.renew import RenewDialog
from tokentui.screens.actions.rotate import RotateDialog
from tokentui.screens.actions.row_menu import RowMenu
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.dialogs import Confirm, Dialog, MessageDialog
from tokentui.screens.messages import OpenToken
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.key_line import KeyLine
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.tokens import bulk, secrets
from tokentui.tokens.reads import get_token, list_secrets

Other = Callable[..., Context]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed to the terminal's clipboard."""
    texts: list[str] = []

    def osc52(text: str) -> str:
        texts.append(text)
        return ""

    monkeypatch.setattr("tokentui.ui.clipboard.osc52", osc52)
    return texts


async def start(pilot: Pilot[None], rows: int = 1) -> None:
    """The list with its rows read."""
    app = pilot.app
    await wait_until(pilot, lambda: isinstance(app.screen, TokensScreen) and app.screen.table.pages.total == rows)
    await settle(pilot)


async def opened(pilot: Pilot[None], kind: type[Dialog[Any]]) -> Dialog[Any]:
    """A window of this kind, laid out."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await pilot.pause()
    assert isinstance(pilot.app.screen, kind)
    return pilot.app.screen


async def closed(pilot: Pilot[None]) -> None:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, TokensScreen))
    await settle(pilot)


def said(app: TokentuiApp) -> str:
    return "\n".join(f"{note.title} {note.message}" for note in toasts(app))


def words(dialog: Dialog[Any]) -> str:
    """The title and all text of a window."""
    title = Content.from_markup(str(dialog.query_one(".dialog").border_title)).plain
    return "\n".join([title, *(str(each.content) for each in dialog.query(Static))])


def is_safe(dialog: Dialog[Any]) -> bool:
    return isinstance(dialog.focused, Button) and dialog.focused.id == "leave"


# One token


async def test_disable_asks_and_enable_does_not(app: TokentuiApp, context: Context) -> None:
    """The question names the token, its safe button has the focus."""
    token = make_token(context, "Billing [b]export").token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        dialog = await opened(pilot, Confirm)
        assert "Disable Billing [b]export?" in words(dialog)
        assert token.label in words(dialog)
        assert "never used" in words(dialog)
        assert is_safe(dialog)
        await pilot.press("enter")
        await closed(pilot)
        assert get_token(context, token.id).status is Status.ACTIVE
        await pilot.press("t")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "disabled, u undoes" in said(app))
        assert get_token(context, token.id).status is Status.DISABLED
        await wait_until(pilot, lambda: app.screen.table.token.status is Status.DISABLED)  # type: ignore[attr-defined]
        await pilot.press("t")
        await wait_until(pilot, lambda: "enabled, t disables it again" in said(app))
        assert get_token(context, token.id).status is Status.ACTIVE


async def test_delete_restore_and_what_a_deleted_token_refuses(app: TokentuiApp, context: Context) -> None:
    """ctrl+d asks; then only restoring is possible, and each other key says so."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("ctrl+d")
        dialog = await opened(pilot, Confirm)
        assert "can be restored" in words(dialog)
        assert is_safe(dialog)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: get_token(context, token.id).status is Status.DELETED)
        await wait_until(pilot, lambda: "deleted, u undoes" in said(app))
        await pilot.press("5")
        await wait_until(pilot, lambda: app.screen.table.token is not None)  # type: ignore[attr-defined]
        for key in ("t", "r", "w", "e", "ctrl+d"):
            app.clear_notifications()
            await pilot.press(key)
            await wait_until(pilot, lambda: "is deleted" in said(app))
            assert isinstance(app.screen, TokensScreen)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: get_token(context, token.id).status is Status.ACTIVE)


async def test_an_action_that_came_too_late(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """Another operator has disabled it while the question stood: said, and nothing more."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        await opened(pilot, Confirm)
        bulk.apply(open_as(Actor("bob")), Action.DISABLE, (token.id,))
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "is disabled already" in said(app))


# Rotate


async def test_rotate_says_what_will_happen_and_shows_the_key(
    app: TokentuiApp, context: Context, sent: list[str]
) -> None:
    """An overlap of an hour: the old key's end before, the new key after, covered, to view and to copy."""
    old = make_token(context).key
    assert old is not None
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        assert is_safe(dialog)
        assert "The old key stops at once." in words(dialog)
        await pilot.press("2")
        await settle(pilot)
        assert "The old key stops Tue 24 Nov 2026 11:30 CET (in 60 min)." in words(dialog)
        await pilot.press("right", "enter")
        result = await opened(pilot, NewKey)
        assert "The old key works until Tue 24 Nov 2026 11:30 CET (in 60 min)." in words(result)
        text = result.query_one("#secret-text", Static)
        assert str(text.content) == masked(old.token_id)
        await pilot.press("v")
        await wait_until(pilot, lambda: result.query_one(SecretField).shown)
        shown = str(text.content)
        await pilot.press("c")
        await wait_until(pilot, lambda: sent == [shown])
        await pilot.press("escape")
        await closed(pilot)
    assert shown.startswith(f"{masked(old.token_id)[:15]}")
    assert shown != old.text
    assert [secret.stops_at for secret in list_secrets(context, old.token_id)] == [
        None,
        context.now() + timedelta(hours=1),
    ]


async def test_an_overlap_never_passes_the_expiry(app: TokentuiApp, context: Context) -> None:
    """24 hours of a token that ends in 12."""
    make_token(context, days=0.5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r", "3")
        dialog = await opened(pilot, RotateDialog)
        await wait_until(pilot, lambda: "(in 12 h)" in words(dialog))


async def test_an_overlap_of_ones_own_is_checked_as_it_is_typed(app: TokentuiApp, context: Context) -> None:
    """What is wrong stands there, nothing is done, nothing typed is lost."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r", "4")
        dialog = await opened(pilot, RotateDialog)
        await settle(pilot)
        assert "a time is needed" in words(dialog)
        await pilot.press(*"2x")
        assert "is not a duration" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        await settle(pilot)
        assert app.screen is dialog
        assert dialog.query_one("#field-overlap", Field).value == "2x"
        assert get_token(context, token.id).version == token.version
        await pilot.press("backspace", "h")
        assert "(in 2 h)" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        await opened(pilot, NewKey)
    assert list_secrets(context, token.id)[1].stops_at == context.now() + timedelta(hours=2)


async def test_an_expired_token_is_rotated_only_with_a_new_expiry(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """The window asks for it."""
    token = make_token(context, days=1).token
    clock.move(days=2)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        assert "a new expiry is needed" in words(dialog)
        dialog.query_one("#field-expires", Field).focus_input()
        await pilot.press(*"2020-01-01")
        assert "lies in the past" in words(dialog)
        dialog.query_one("#field-expires", Field).value = "10d"
        await settle(pilot)
        assert "The token expires: Sun 06 Dec 2026 10:30 CET" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert "The old key has stopped." in words(result)
    assert get_token(context, token.id).status is Status.ACTIVE


async def test_a_rotation_that_fails_keeps_what_was_typed(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A locked database: the window stays with the reason, and goes on when the lock is gone."""
    token = make_token(context).token

    def locked(*args: object, **kwargs: object) -> None:
        raise DatabaseLocked("the database is locked", "try again")

    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r", "1")
        dialog = await opened(pilot, RotateDialog)
        with monkeypatch.context() as broken:
            broken.setattr(rotate, "rotate_token", locked)
            dialog.query_one("#confirm", Button).press()
            await wait_until(pilot, lambda: "the database is locked: try again" in words(dialog))
        assert dialog.query_one(OverlapField).overlap == timedelta(minutes=15)
        await wait_until(pilot, lambda: not dialog.query_one("#confirm", Button).disabled)
        dialog.query_one("#confirm", Button).press()
        await opened(pilot, NewKey)
    assert len(list_secrets(context, token.id)) == 2


async def test_a_rotation_of_what_another_has_rotated(app: TokentuiApp, context: Context, open_as: Other) -> None:
    """What the window says might not hold any longer: refused, with who it was."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        secrets.rotate_token(open_as(Actor("bob")), token.id)
        dialog.query_one("#confirm", Button).press()
        await wait_until(pilot, lambda: "bob rotated" in words(dialog))
    assert len(list_secrets(context, token.id)) == 1


# Renew


async def test_renew_with_a_preset_and_the_same_key(app: TokentuiApp, context: Context) -> None:
    """The wizard's own presets; the key stays where that is chosen."""
    token = make_token(context, days=3).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("w")
        dialog = await opened(pilot, RenewDialog)
        assert is_safe(dialog)
        assert "the old one stops Fri 27 Nov 2026 10:30 CET" in words(dialog)
        dialog.query_one("#when-choice", Choice).highlighted = 3
        dialog.query_one("#key-choice", Choice).highlighted = 1
        await wait_until(pilot, lambda: "The key stays as it is" in words(dialog))
        assert "Mon 22 Feb 2027 10:30 CET, in" in words(dialog)
        dialog.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert "The key is the same as before." in words(result)
        assert not result.query(SecretField)
    assert get_token(context, token.id).expires_at == context.now() + timedelta(days=90)
    assert len(list_secrets(context, token.id)) == 1


async def test_renew_with_a_date_and_a_new_key(app: TokentuiApp, context: Context) -> None:
    """The old key works until its own old expiry."""
    token = make_token(context, days=3).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("w")
        dialog = await opened(pilot, RenewDialog)
        dialog.query_one("#when-choice", Choice).highlighted = 6
        field = dialog.query_one("#field-expires", Field)
        await wait_until(pilot, lambda: field.display)
        field.focus_input()
        await pilot.press(*"2026-11-25")
        await wait_until(pilot, lambda: "expires earlier than now" in words(dialog))
        field.value = "2027-01-07"
        await wait_until(pilot, lambda: "Thu 07 Jan 2027 23:59 CET" in words(dialog))
        dialog.query_one("#confirm", Button).press()
        result = await opened(pilot, NewKey)
        assert "The old key works until Fri 27 Nov 2026 10:30 CET (in 3 days)." in words(result)
    assert len(list_secrets(context, token.id)) == 2


async def test_a_perpetual_token_is_not_renewed(app: TokentuiApp, context: Context) -> None:
    """w says why; the menu does not offer it."""
    make_token(context, days=None)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("w")
        await wait_until(pilot, lambda: "never expires" in said(app))
        assert isinstance(app.screen, TokensScreen)


# Many


async def test_many_after_one_preview(app: TokentuiApp, context: Context) -> None:
    """Those that it is done to, those left alone and why; then how many, and each refusal with its reason."""
    ids = [make_token(context, name).token.id for name in ("One", "Two", "Three")]
    bulk.apply(context, Action.DISABLE, ids[2:])
    async with app.run_test(size=(120, 40)) as pilot:
        await start(pilot, 3)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("t")
        preview = await opened(pilot, BulkPreview)
        assert "Disable 2 tokens?" in words(preview)
        assert "1 token left alone:" in words(preview)
        assert "is disabled already" in words(preview)
        assert is_safe(preview)
        await pilot.press("escape")
        await closed(pilot)
        assert get_token(context, ids[0]).status is Status.ACTIVE
        await pilot.press("t")
        await opened(pilot, BulkPreview)
        await pilot.press("right", "enter")
        result = await opened(pilot, MessageDialog)
        assert "2 tokens disabled" in words(result)
        assert "is disabled already" in words(result)
        await pilot.press("enter")
        await closed(pilot)
    assert {get_token(context, each).status for each in ids} == {Status.DISABLED}


async def test_where_all_are_disabled_they_are_enabled(app: TokentuiApp, context: Context) -> None:
    """t turns around, as it does for one; without a refusal a toast is enough."""
    ids = [make_token(context, name).token.id for name in ("One", "Two")]
    bulk.apply(context, Action.DISABLE, ids)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("t")
        preview = await opened(pilot, BulkPreview)
        assert "Enable 2 tokens?" in words(preview)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "2 tokens enabled" in said(app))
    assert {get_token(context, each).status for each in ids} == {Status.ACTIVE}


async def test_many_are_rotated_with_one_overlap(app: TokentuiApp, context: Context) -> None:
    """No key is listed; it is said where to find them."""
    ids = [make_token(context, name).token.id for name in ("One", "Two")]
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("r")
        preview = await opened(pilot, BulkPreview)
        assert is_safe(preview)
        await pilot.press("1")
        preview.query_one("#confirm", Button).press()
        result = await opened(pilot, MessageDialog)
        assert "2 tokens rotated" in words(result)
        assert "`tokentui key ID` prints it" in words(result)
    for each in ids:
        assert list_secrets(context, each)[1].stops_at == context.now() + timedelta(minutes=15)


async def test_nothing_to_do_offers_only_to_close(app: TokentuiApp, context: Context) -> None:
    """Two deleted tokens can't be deleted."""
    ids = [make_token(context, name).token.id for name in ("One", "Two")]
    bulk.apply(context, Action.DELETE, ids)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 0)
        await pilot.press("5")
        await start(pilot, 2)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("ctrl+d")
        preview = await opened(pilot, BulkPreview)
        assert [button.id for button in preview.query(Button)] == ["leave"]


async def test_a_single_marked_token_is_the_one_that_is_meant(app: TokentuiApp, context: Context) -> None:
    """The cursor has moved on."""
    first, second = make_token(context, "First", days=10).token, make_token(context, "Second", days=20).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        screen = app.screen
        assert isinstance(screen, TokensScreen)
        screen.table.set_marks((first.id,))
        await pilot.press("G", "ctrl+d")
        assert screen.table.token == second
        dialog = await opened(pilot, Confirm)
        assert "Delete First?" in words(dialog)


async def test_the_menu_is_about_the_marked_tokens(app: TokentuiApp, context: Context) -> None:
    """It says how many; the right button on a row without a mark is about that row alone."""
    ids = [make_token(context, name).token.id for name in ("One", "Two", "Three")]
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 3)
        await pilot.press("space", "space")
        await settle(pilot)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert [offer.label for offer in app.screen.menu] == [  # type: ignore[attr-defined]
            "Disable 2", "Rotate 2", "Renew 2", "Delete 2",
        ]  # fmt: skip
        await pilot.press("t")
        preview = await opened(pilot, BulkPreview)
        assert "Disable 2 tokens?" in words(preview)
        await pilot.press("escape")
        await closed(pilot)
        table = app.screen.table  # type: ignore[attr-defined]
        await pilot.click(table, button=3, offset=(30, 2))
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert "Disable" in [offer.label for offer in app.screen.menu]  # type: ignore[attr-defined]
        await pilot.press("t")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "disabled, u undoes" in said(app))
        last = table.pages.row(2).id
    assert {each for each in ids if get_token(context, each).status is Status.DISABLED} == {last}


async def test_many_are_extended_with_the_keys_they_have(app: TokentuiApp, context: Context) -> None:
    """Each from its own expiry on; what never expires is left alone."""
    ids = [make_token(context, name, days=days).token.id for name, days in (("One", 10), ("Two", 20), ("Ever", None))]
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 3)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("w")
        preview = await opened(pilot, BulkPreview)
        assert "Extend 2 tokens?" in words(preview)
        assert "2 will be extended · 1 never expires" in words(preview)
        preview.query_one("#field-extend", Field).value = "soon"
        preview.query_one("#confirm", Button).press()
        await wait_until(pilot, lambda: "is not a duration" in words(preview))
        preview.query_one("#field-extend", Field).value = "30d"
        preview.query_one("#confirm", Button).press()
        result = await opened(pilot, MessageDialog)
        assert "2 tokens renewed" in words(result)
        assert "never expires" in words(result)
    assert [get_token(context, each).expires_at for each in ids] == [
        context.now() + timedelta(days=40),
        context.now() + timedelta(days=50),
        None,
    ]
    assert all(len(list_secrets(context, each)) == 1 for each in ids)


async def test_a_preview_begins_with_sums_and_the_most_recently_used(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """What is expired has stopped already, and is not counted among those that will."""
    first = make_token(context, "Alpha", days=100).token
    expired = make_token(context, "Old", days=1).token
    clock.move(days=2)
    used = replace(first, id=2, name="Zeta", last_used_at=context.now() - timedelta(minutes=5))
    plan = Plan(Action.DISABLE, (first, get_token(context, expired.id), used), ())
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        app.push_screen(BulkPreview(plan))
        text = words(await opened(pilot, BulkPreview))
        assert "2 will stop · 1 of them used today · 1 expired, so stopped already" in text
        assert text.index("Zeta") < text.index("Alpha")


async def test_what_is_waited_for_is_said_and_need_not_be_waited_for(app: TokentuiApp, context: Context) -> None:
    """A database that another process holds: a spinner with the reason, escape ends it, a late success is told."""
    token = make_token(context, "Billing").token
    assert context.database.path is not None
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("r")
        dialog = await opened(pilot, RotateDialog)
        context.vault()
        holder = sqlite3.connect(context.database.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        dialog.query_one("#confirm", Button).press()
        line = dialog.query_one(".dialog-keys", KeyLine)
        await wait_until(pilot, lambda: "locked by another process · Esc stops waiting" in str(line.render()))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "You stopped waiting" in words(dialog))
        assert app.screen is dialog
        holder.execute("ROLLBACK")
        holder.close()
        await wait_until(pilot, lambda: "Rotate of Billing was done after all" in said(app))
    assert get_token(context, token.id).version > token.version


def test_long_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is a number."""
    monkeypatch.setattr(bulk_windows, "SHOWN", 3)
    lines = refusal_lines([BulkRefusal(number, f"Token {number}", "is deleted") for number in range(1003)])
    assert len(lines) == 4
    assert lines[-1] == "  +1\u202f000 more"


async def test_a_preview_of_very_many_is_small(app: TokentuiApp, context: Context) -> None:
    """Ten thousand tokens are listed as two hundred and a number."""
    token = make_token(context).token
    plan = Plan(Action.DELETE, tuple(replace(token, id=number) for number in range(10_000)), ())
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        app.push_screen(BulkPreview(plan))
        preview = await opened(pilot, BulkPreview)
        assert "+9\u202f800 more" in words(preview)
        assert words(preview).count("SU-") == 200


# Copying


async def test_copying_says_how_and_how_to_see_it_instead(app: TokentuiApp, context: Context, sent: list[str]) -> None:
    """c takes the key, y the ID; the audit knows of the key."""
    issued = make_token(context)
    assert issued.key is not None
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("c")
        await wait_until(pilot, lambda: "OSC 52" in said(app))
        assert "No program can know whether the terminal took it" in said(app)
        assert "v in the details shows it" in said(app)
        assert issued.key.secret not in said(app)
        await pilot.press("y")
        await wait_until(pilot, lambda: len(sent) == 2)
    assert sent == [issued.key.text, issued.token.label]
    assert [entry.action for entry in audit.entries(context, issued.token.id)] == ["copy", "create"]


async def test_without_a_clipboard_no_key_leaves_the_vault(app: TokentuiApp, context: Context) -> None:
    """`clipboard = "none"`: said, with the way to see it, and not in the audit."""
    issued = make_token(context)
    context.settings = replace(context.settings, clipboard="none")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("c")
        await wait_until(pilot, lambda: "Nothing was copied" in said(app))
        assert "V in the details shows it" in said(app)
    assert [entry.action for entry in audit.entries(context, issued.token.id)] == ["create"]


async def test_the_keys_work_on_the_details_too(app: TokentuiApp, context: Context, sent: list[str]) -> None:
    """t, ctrl+d and y of the token that is shown; the header follows."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        app.post_message(OpenToken(token.id, ListSpec()))
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.details is not None)
        details = app.screen
        assert isinstance(details, DetailsScreen)
        await pilot.press("y")
        await wait_until(pilot, lambda: sent == [token.label])
        await pilot.press("t")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: details.details.token.status is Status.DISABLED)  # type: ignore[union-attr]
        await pilot.press("ctrl+d")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: details.details.token.status is Status.DELETED)  # type: ignore[union-attr]
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: details.details.token.status is Status.DISABLED)  # type: ignore[union-attr]
