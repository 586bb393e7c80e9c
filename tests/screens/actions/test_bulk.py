"""What is done to many tokens at once: a preview, and what came of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Button, Input

from tests.factories import FrozenClock, make_token
from tests.screens.actions.driving import closed, is_safe, opened, said, start, words
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import Action, BulkRefusal, Plan, Status
from tokentui.screens.actions import bulk as bulk_windows
from tokentui.screens.actions.bulk import BulkPreview, refusal_lines
from tokentui.screens.dialogs import MessageDialog
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.key_line import KeyLine
from tokentui.screens.widgets.timed_text import TimedText
from tokentui.tokens import bulk
from tokentui.tokens.progress import Progress
from tokentui.tokens.reads import get_token, list_secrets


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
    assert {get_token(context, token_id).status for token_id in ids} == {Status.DISABLED}


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
    assert {get_token(context, token_id).status for token_id in ids} == {Status.ACTIVE}


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
    for token_id in ids:
        assert list_secrets(context, token_id)[1].stops_at == context.now() + timedelta(minutes=15)


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
    assert [get_token(context, token_id).expires_at for token_id in ids] == [
        context.now() + timedelta(days=40),
        context.now() + timedelta(days=50),
        None,
    ]
    assert all(len(list_secrets(context, token_id)) == 1 for token_id in ids)


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


async def test_what_is_done_to_many_can_be_stopped_and_is_then_not_done(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bar says how far it is; escape takes everything back, and what was typed stands there still."""
    ids = [make_token(context, f"Token {number}").token.id for number in range(12)]
    going_on = threading.Event()
    advance = Progress.advance

    def slow(progress: Progress, number: int = 0) -> None:
        advance(progress, number)
        if number:
            going_on.wait(10)

    monkeypatch.setattr(Progress, "advance", slow)
    monkeypatch.setattr("tokentui.tokens.bulk._CHUNK", 9)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 12)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("ctrl+d")
        dialog = await opened(pilot, BulkPreview)
        dialog.query_one("#bulk-number", Input).value = "12"
        dialog.query_one("#confirm", Button).press()
        line = dialog.query_one(".dialog-keys", KeyLine)
        await wait_until(pilot, lambda: "█▊░" in str(line.render()))
        assert "9 of 12 · Esc stops: nothing is done then" in str(line.render())
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Stopped: nothing was done" in words(dialog))
        going_on.set()
        await settle(pilot)
        assert dialog.query_one("#bulk-number", Input).value == "12"
        assert {get_token(context, token_id).status for token_id in ids} == {Status.ACTIVE}
        await wait_until(pilot, lambda: not context.database.is_waiting_for_lock)
        dialog.query_one("#confirm", Button).press()
        await closed(pilot)
        await wait_until(pilot, lambda: "12 tokens deleted" in said(app))
    assert {get_token(context, token_id).status for token_id in ids} == {Status.DELETED}


async def test_those_that_would_live_too_long_are_named_as_the_extension_is_typed(
    app: TokentuiApp, context: Context
) -> None:
    """And left alone, while the others are extended."""
    near, far = make_token(context, "Near", days=10).token.id, make_token(context, "Far", days=80).token.id
    context.settings = replace(context.settings, max_lifetime=timedelta(days=100))
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("ctrl+a")
        await settle(pilot)
        await pilot.press("w")
        preview = await opened(pilot, BulkPreview)
        extend = preview.query_one("#field-extend", Field)
        await settle(pilot)
        assert "1 will be extended · 1 would live for longer than 100 days" in words(preview)
        extend.value = "300d"
        await wait_until(pilot, lambda: "0 will be extended" in words(preview))
        assert preview.query_one("#confirm", Button).disabled
        extend.value = "7d"
        await wait_until(pilot, lambda: "2 will be extended" in words(preview))
        extend.value = "30d"
        await wait_until(pilot, lambda: str(preview.query_one("#confirm", Button).label) == "Renew 1")
        preview.query_one("#confirm", Button).press()
        result = await opened(pilot, MessageDialog)
        assert "1 token renewed" in words(result)
        assert "would live for longer than 100" in words(result)
    days = [(get_token(context, token_id).expires_at or context.now()) - context.now() for token_id in (near, far)]
    assert days == [timedelta(days=40), timedelta(days=80)]


def test_long_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is a number."""
    monkeypatch.setattr(bulk_windows, "SHOWN", 3)
    lines = refusal_lines([BulkRefusal(number, f"Token {number}", "is deleted") for number in range(1003)], 80)
    assert len(lines) == 4
    assert lines[-1] == "  +1\u202f000 more"


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_a_line_of_the_preview_is_a_token(app: TokentuiApp, context: Context, width: int) -> None:
    """None wraps, however narrow the window is: the name gives room, then the ID goes."""
    used = context.now() - timedelta(minutes=38)
    made = [replace(make_token(context, f"{n} of a long name or two").token, last_used_at=used) for n in "AB"]
    refused = BulkRefusal(3, "C of a long name or two", "SU-000-000-003 is disabled already: enable it to go on")
    async with app.run_test(size=(width, 40)) as pilot:
        await start(pilot, 2)
        app.push_screen(BulkPreview(Plan(Action.DISABLE, tuple(made), (refused,))))
        preview = await opened(pilot, BulkPreview)
        _, lists = preview.query(TimedText)
        lines = [strip.text.rstrip() for strip in lists.render_lines(lists.size.region)]
        reason = lines[next(place for place, line in enumerate(lines) if line[:3] == "  C") :]
        assert all(line[:2] == "  " for line in reason), reason
        named = [line for line in lines if line[:3] in ("  A", "  B")]
        assert len(named) == 2
        assert all(line.endswith("used 38 min ago") for line in named), named
        assert all((line.count("SU-") == 1) == (width >= 60) for line in named), named


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
