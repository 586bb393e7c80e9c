"""The key on the General tab: covered until it is viewed, two of them in an overlap, and the command to try it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Static, TabbedContent

from tests.factories import FrozenClock, make_token
from tests.imports.helpers import import_lines
from tests.screens.conftest import settle, wait_until
from tests.screens.details.driving import keys, line, open_details, open_keys, title
from tests.screens.drawn import toasts
from tokentui import audit
from tokentui.app import TokentuiApp
from tokentui.context import Actor, Context
from tokentui.crypto.key_format import Key, masked
from tokentui.listing.spec import ListSpec
from tokentui.records import Action, TokenChanges
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.dialogs import Confirm
from tokentui.screens.edit.screen import EditScreen
from tokentui.screens.messages import OpenToken
from tokentui.screens.widgets import secret_field
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.reads import list_secrets
from tokentui.tokens.secrets import rotate_token

Other = Callable[..., Context]


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


async def test_a_key_of_another_system_is_shown_as_it_is_or_said_to_be_hidden(
    app: TokentuiApp, context: Context
) -> None:
    """Covered without the ID, which is not in it; by its digest it can't be shown, and without any a rotation helps."""
    lines = [
        {"name": "A", "id": "SU-000-000-001", "key": "sk_live_51Habc", "permissions": "*"},
        {"name": "B", "id": "SU-000-000-002", "sha256": "0" * 64, "permissions": "*"},
        {"name": "C", "id": "SU-000-000-003", "permissions": "*"},
    ]
    assert not import_lines(context, *lines)

    def notes(details: DetailsScreen) -> list[str]:
        return [str(note.content) for note in details.query(".secret-note").results(Static)]

    async with app.run_test(size=(80, 24)) as pilot:
        details = await open_details(pilot, 1)
        assert keys(details) == ["•" * 40]
        await pilot.press("v")
        await wait_until(pilot, lambda: keys(details) == ["sk_live_51Habc"])
        await pilot.press("escape")
        await settle(pilot)
        assert notes(await open_details(pilot, 2)) == ["only its digest is kept: it can't be shown"]
        await pilot.press("v")
        await settle(pilot)
        assert [toast.message for toast in toasts(app)] == ["There is no key that can be shown"]
        await pilot.press("escape")
        await settle(pilot)
        assert notes(await open_details(pilot, 3)) == ["it has no key yet: r Rotate makes one"]


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
        said = [str(facts.content) for facts in details.query(".secret-facts").results(Static)]
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
