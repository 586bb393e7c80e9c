"""The edit form: the wizard's panes on one screen, for a token that there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from textual.pilot import Pilot
from textual.widgets import Static

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.edit.screen import EditScreen
from tokentui.screens.token_form.module_picker import ModulePicker
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.waiting import Waiting
from tokentui.tokens.reads import get_token


async def open_edit(app: TokentuiApp, pilot: Pilot[None]) -> EditScreen:
    """`e`, and the fields are there."""
    await settle(pilot)
    await pilot.press("e")
    await wait_until(pilot, lambda: isinstance(app.screen, EditScreen) and bool(app.screen.query("#field-networks")))
    await settle(pilot)
    assert isinstance(app.screen, EditScreen)
    return app.screen


def is_closed(app: TokentuiApp) -> bool:
    return not isinstance(app.screen, EditScreen)


async def test_owner_and_networks_are_edited_too(app: TokentuiApp, context: Context) -> None:
    """Typed, saved with ^s, and there when the form is opened again."""
    token = make_token(context, modules=("usage",)).token
    async with app.run_test(size=(80, 24)) as pilot:
        form = await open_edit(app, pilot)
        await pilot.press("tab", "tab", *"Ops")
        form.query_one("#field-networks", Field).value = "203.0.113.9\n2001:db8::/32"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: is_closed(app))
        saved = get_token(context, token.id)
        assert (saved.owner, saved.networks, saved.modules) == (
            "Ops",
            ("203.0.113.9/32", "2001:db8::/32"),
            ("usage",),
        )
        form = await open_edit(app, pilot)
        assert form.query_one("#field-networks", Field).value == "203.0.113.9/32\n2001:db8::/32"


async def test_saving_goes_to_the_field_that_is_wrong(app: TokentuiApp, context: Context) -> None:
    """Also where it is scrolled away: it has the focus, and says what is wrong under it."""
    token = make_token(context).token
    async with app.run_test(size=(60, 20)) as pilot:
        form = await open_edit(app, pilot)
        field = form.query_one("#field-networks", Field)
        field.value = "10.0.0.300"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert form.focused is not None
        assert form.focused.parent is not None
        assert field in form.focused.ancestors
        assert "'10.0.0.300' is not a network" in str(field.query_one(".field-error", Static).content)
        assert form.get_widget_at(form.focused.region.x, form.focused.region.y)[0] is form.focused
        assert get_token(context, token.id).networks == ()


async def test_an_extension_with_permissions_of_its_own_shows_none_to_choose(
    app: TokentuiApp, context: Context
) -> None:
    """It says what the token gets instead, and saves without touching it."""
    token = make_token(context, extension="zapier").token
    async with app.run_test(size=(80, 24)) as pilot:
        form = await open_edit(app, pilot)
        assert not form.query_one(ModulePicker).display
        assert "Zapier has permissions of its own" in str(form.query_one("#permissions-granted", Static).content)
        await pilot.press("end", "!", "ctrl+s")
        await wait_until(pilot, lambda: is_closed(app))
        saved = get_token(context, token.id)
        assert (saved.name, saved.modules) == (f"{token.name}!", token.modules)


async def test_who_stops_waiting_is_told_when_it_was_saved_after_all(
    context: Context, open_as: Callable[..., Context]
) -> None:
    """A locked database: Esc stops waiting and keeps the form; the save that succeeds later closes it."""
    token = make_token(context).token
    context.database.close()
    app = TokentuiApp(open_as(busy_timeout=timedelta(seconds=30)))
    async with app.run_test(size=(80, 24)) as pilot:
        form = await open_edit(app, pilot)
        await pilot.press("end", "!")
        with context.database.write():
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: form.query_one(Waiting).display)
            await pilot.press("escape")
            failed = form.query_one("#form-failed", Static)
            await wait_until(pilot, lambda: "stopped waiting" in str(failed.content))
            assert form.draft.name == f"{token.name}!"
        await wait_until(pilot, lambda: is_closed(app))
        await wait_until(pilot, lambda: any("saved after all" in toast.message for toast in app._notifications))
        assert get_token(context, token.id).name == f"{token.name}!"
