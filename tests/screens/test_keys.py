"""Keys that the settings rebind: one table, shown and followed everywhere; what can't be used is said at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList, Static

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.errors import SettingsError
from tokentui.screens.actions.rotate import RotateDialog
from tokentui.screens.actions.row_menu import RowMenu
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.help import HelpScreen
from tokentui.screens.keys import KeyTable, check_keys, readable
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.flow import Flow

FILE = Path("config.toml")


def rebound(context: Context, keys: Mapping[str, str]) -> TokentuiApp:
    context.settings = replace(context.settings, keys=keys)
    return TokentuiApp(context)


async def test_a_rebound_key_works_and_is_shown_in_menu_footer_and_help(context: Context) -> None:
    """R rotates, r does nothing any more: in the list, in the row menu, and wherever keys are named."""
    make_token(context)
    app = rebound(context, {"token.rotate": "R", "token.menu": "M"})
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("r", "m")
        await settle(pilot)
        assert isinstance(app.screen, TokensScreen)
        await pilot.press("M")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        lines = [str(option.prompt) for option in app.screen.query_one(OptionList).options]
        assert any(line.startswith("R ") and "Rotate" in line for line in lines)
        await pilot.press("r")
        await settle(pilot)
        assert isinstance(app.screen, RowMenu)
        await pilot.press("R")
        await wait_until(pilot, lambda: isinstance(app.screen, RotateDialog))
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        help_lines = str(app.screen.query_one("#help-rows", Static).content).splitlines()
        assert next(line for line in help_lines if "token.rotate" in line).split()[0] == "R"


async def test_details_name_the_rebound_keys(context: Context) -> None:
    """The hints over the tabs, the words behind the key, and the line under the curl command."""
    make_token(context)
    app = rebound(context, {"token.edit": "E", "details.view_key": "U", "details.try_it": "X", "app.back": "f9"})
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        await settle(pilot)
        hints = str(app.screen.query_one("#details-hints", Flow).render())
        assert "E Edit" in hints
        assert "F9 Back" in hints
        assert "U View" in str(app.screen.query_one("#secret-keys", Flow).render())
        assert "X copies" in str(app.screen.query_one("#try-it", Static).content)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, DetailsScreen)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, TokensScreen))


async def test_a_dialog_is_left_by_the_rebound_key_alone(context: Context) -> None:
    """The old key does nothing there either."""
    make_token(context)
    app = rebound(context, {"app.back": "f9"})
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("r")
        await wait_until(pilot, lambda: isinstance(app.screen, RotateDialog))
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, RotateDialog)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, TokensScreen))


async def test_two_commands_may_change_keys(context: Context) -> None:
    """t rotates and r disables."""
    make_token(context)
    app = rebound(context, {"token.rotate": "t", "token.toggle": "r"})
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("t")
        await wait_until(pilot, lambda: isinstance(app.screen, RotateDialog))


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ({"nope": "x"}, ("'nope'", "did you mean")),
        ({"token.rotat": "x"}, ("'token.rotat'", "'token.rotate'")),
        ({"token.rotate": "t"}, ("'t'", "'token.toggle'", "'token.rotate'")),
        ({"token.rotate": "question_mark"}, ("'?'", "'app.help'")),
        ({"app.help": "?", "token.rotate": "?"}, ("'?'", "'app.help'")),
        ({"app.refresh": "left"}, ("'left'", "'details.previous_tab'")),
        ({"statistics.lines": "r"}, ("'r'", "'token.rotate'")),
        ({"details.try_it": "j"}, ("'j'", "'tokens.down'")),
        ({"token.rotate": "pagedwn"}, ("'pagedwn'", "'pagedown'")),
        ({"token.rotate": "ctl+r"}, ("'ctl+r'",)),
        ({"token.rotate": ""}, ("''", "'token.rotate'")),
    ],
)
def test_what_can_not_be_a_key_is_told_with_the_nearest(keys: dict[str, str], names: tuple[str, ...]) -> None:
    """A command that is not there, a key of two commands, a key that is not there."""
    with pytest.raises(SettingsError) as refused:
        check_keys(keys, FILE)
    said = str(refused.value).replace("←", "left")
    assert refused.value.exit_status == 2
    assert "\n" not in said
    for name in (*names, "config.toml"):
        assert name in said


def test_the_same_key_in_two_places_is_no_fault() -> None:
    """The default keys pass, and so does one key for the list and the wizard."""
    check_keys({}, FILE)
    check_keys({"wizard.next": "f2", "tokens.sort": "f2"}, FILE)


async def test_an_unknown_theme_is_told_at_the_start(context: Context) -> None:
    """With the nearest one that there is."""
    context.settings = replace(context.settings, theme="gruvbx")
    with pytest.raises(SettingsError, match=r"gruvbx.*gruvbox"):
        TokentuiApp(context)


def test_keys_are_shown_as_people_read_them() -> None:
    """Characters rather than their names, ^ for ctrl."""
    assert [readable(key) for key in ("question_mark", "ctrl+d", "f5", "R", "full_stop")] == ["?", "^d", "F5", "R", "."]
    assert KeyTable({"token.rotate": "?"}).keys("token.rotate") == ("question_mark",)
