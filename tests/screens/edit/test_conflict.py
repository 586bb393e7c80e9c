"""Somebody else changed the same fields meanwhile: each is chosen for itself."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.edit.test_screen import is_closed, open_edit
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import TokenChanges
from tokentui.screens.dialogs import ChooseVersions
from tokentui.screens.edit.screen import EditScreen
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.tokens.edit import edit_token
from tokentui.tokens.reads import get_token


async def meet_conflict(app: TokentuiApp, context: Context, pilot: Pilot[None], token_id: int) -> ChooseVersions:
    """Both set name and owner, and the operator of the form a description too."""
    form = await open_edit(app, pilot)
    form.query_one("#field-name", Field).value = "Mine"
    form.query_one("#field-owner", Field).value = "my team"
    form.query_one("#field-description", Field).value = "Said by me alone"
    await settle(pilot)
    edit_token(context, token_id, TokenChanges(name="Theirs", owner="their team", external_id="E-7"))
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: isinstance(app.screen, ChooseVersions))
    await settle(pilot)
    assert isinstance(app.screen, ChooseVersions)
    return app.screen


@pytest.mark.parametrize(
    ("theirs", "name", "owner"),
    [((), "Mine", "my team"), (("name",), "Theirs", "my team"), (("name", "owner"), "Theirs", "their team")],
)
async def test_each_field_is_chosen(
    app: TokentuiApp, context: Context, theirs: tuple[str, ...], name: str, owner: str
) -> None:
    """What only one of the two has changed stays as that one wanted it."""
    token_id = make_token(context, "First").token.id
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await meet_conflict(app, context, pilot, token_id)
        choices = list(dialog.query(Choice))
        assert [choice.name for choice in choices] == ["name", "owner"]
        for choice in choices:
            dialog.set_focus(choice)
            if choice.name in theirs:
                await pilot.press("up")
            await pilot.press("enter")
        dialog.set_focus(dialog.query_one("#save", Button))
        await pilot.press("enter")
        await wait_until(pilot, lambda: is_closed(app) and not isinstance(app.screen, ChooseVersions))
    token = get_token(context, token_id)
    assert (token.name, token.owner, token.description, token.external_id) == (name, owner, "Said by me alone", "E-7")


async def test_back_to_editing_saves_nothing(app: TokentuiApp, context: Context) -> None:
    token_id = make_token(context, "First").token.id
    async with app.run_test(size=(80, 24)) as pilot:
        await meet_conflict(app, context, pilot, token_id)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, EditScreen))
        assert app.screen.query_one("#field-name", Field).value == "Mine"
    assert get_token(context, token_id).name == "Theirs"
