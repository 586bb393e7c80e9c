"""The palette: the first hit is the one that is meant, nothing is offered that is refused, themes are previewed."""

from __future__ import annotations

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import rows_with
from tests.test_app import drag
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import Action
from tokentui.screens.base import ServiceCalls
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.palette import Entry, entries, rank, theme_entries
from tokentui.tokens import bulk
from tokentui.ui import saved_theme

FIRST_HITS = {
    "new": "New",
    "create": "New",
    "make": "New",
    "rotate": "Rotate",
    "renew": "Renew",
    "extend": "Renew",
    "disable": "Disable",
    "delete": "Delete",
    "remove": "Delete",
    "copy": "Copy key",
    "export": "Export",
    "csv": "Export",
    "quit": "Quit",
    "exit": "Quit",
    "audit": "Audit",
    "history": "History",
    "theme": "Theme",
    "colour": "Theme",
    "edit": "Edit",
    "filter": "Filter",
    "help": "Help",
    "version": "About",
}


def first_hit(app: TokentuiApp, typed: str) -> str:
    screen = app.screen
    assert isinstance(screen, ServiceCalls)
    choices = [*entries(screen), *theme_entries(app)]
    return max(choices, key=lambda entry: rank(entry, typed)).title


async def palette(pilot: Pilot[None]) -> CommandList:
    await pilot.press("ctrl+p")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    commands = pilot.app.screen.query_one(CommandList)
    await wait_until(pilot, lambda: commands.option_count > 0)
    return commands


async def test_the_first_hit_is_the_one_that_is_meant(app: TokentuiApp, context: Context) -> None:
    """On the table, and on the details for what can be done to a token there."""
    make_token(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert {typed: first_hit(app, typed) for typed in FIRST_HITS} == FIRST_HITS
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        await settle(pilot)
        words = ("rotate", "renew", "disable", "delete", "copy", "edit", "quit", "theme")
        assert {typed: first_hit(app, typed) for typed in words} == {typed: FIRST_HITS[typed] for typed in words}
        assert first_hit(app, "reveal") == "View"
        assert first_hit(app, "audit") == "History"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_keys_have_a_column_of_their_own_at_the_right(
    app: TokentuiApp, context: Context, size: tuple[int, int]
) -> None:
    """In the frame of the other windows, whole, however narrow the screen is."""
    make_token(context)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        commands = await palette(pilot)
        await settle(pilot)
        assert len(rows_with(app, "↑↓ choose  ⏎ run  Esc close")) == 1
        lines = [str(commands.get_option_at_index(index).prompt) for index in range(8)]
        keys = ["? F1", "F5", "^z", "⏎", "n", "/", "s", "S"]
        assert [line.rsplit("  ", 1)[-1].strip().endswith(key) for line, key in zip(lines, keys, strict=True)] == [
            True
        ] * 8
        assert {len(line) for line in lines} == {commands.scrollable_content_region.width - 4}
        assert "╭" in rows_with(app, "╮")[0].text


async def test_it_finds_and_runs_what_is_typed(app: TokentuiApp, context: Context) -> None:
    """`history` and enter lead to the History tab of the token under the cursor."""
    make_token(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        commands = await palette(pilot)
        await pilot.press(*"history")
        await wait_until(pilot, lambda: "History" in str(commands.get_option_at_index(0).prompt))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        await settle(pilot)
        assert app.screen.query_one("#details-tabs").active == "history"  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", ["deleted", "disabled"])
async def test_what_the_token_refuses_is_not_there(app: TokentuiApp, context: Context, status: str) -> None:
    """A deleted one can be restored and nothing else; a disabled one enabled. Motions are left out."""
    token = make_token(context).token
    action = Action.DELETE if status == "deleted" else Action.DISABLE
    bulk.apply(context, action, (token.id,))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        if status == "deleted":
            await pilot.press("5")
            await settle(pilot)
        assert isinstance(app.screen, ServiceCalls)
        titles = {entry.title for entry in entries(app.screen)}
    assert ("Restore" in titles) == (status == "deleted")
    assert ("Rotate" in titles) == (status == "disabled")
    assert ("Enable" in titles) == (status == "disabled")
    assert not {"Disable", "Down", "Undo"} & titles


async def test_themes_are_previewed_and_kept_when_chosen(app: TokentuiApp, context: Context) -> None:
    """Moving shows a theme, escape goes back to the one before, enter keeps it for the next start."""
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        before = app.theme
        await palette(pilot)
        await pilot.press(*"nord")
        await wait_until(pilot, lambda: app.theme == "nord")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.theme == before)
        assert saved_theme.load_theme(context.settings.home) == ""
        await palette(pilot)
        await pilot.press(*"nord")
        await wait_until(pilot, lambda: app.theme == "nord")
        await pilot.press("enter")
        await wait_until(pilot, lambda: saved_theme.load_theme(context.settings.home) == "nord")
        marked = next(iter(theme_entries(app)))
        assert (marked.title, marked.tooltip) == ("nord", "✓ the current theme")


def test_titles_come_before_synonyms_before_other_words() -> None:
    """However an entry's other words look."""

    def entry(title: str, tooltip: str = "", synonyms: str = "") -> Entry:
        return Entry(title, tooltip, "", synonyms, lambda: None)

    ranked = [entry("New"), entry("Newer"), entry("Make", synonyms="new"), entry("Rotate", "A new secret"), entry("X")]
    scores = [rank(entry, "new") for entry in ranked]
    assert scores[0] > scores[2] > scores[1] > scores[3] > scores[4] == 0


async def test_what_is_chosen_twice_is_run_once(sample_app: TokentuiApp) -> None:
    """A second click comes while the palette goes away: it is not the end of the app."""
    async with sample_app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        commands = await palette(pilot)
        await pilot.press(*"new")
        await wait_until(pilot, lambda: "New" in str(commands.get_option_at_index(0).prompt))
        twice = [OptionList.OptionSelected(commands, commands.get_option_at_index(0), 0) for _ in range(2)]
        for selected in twice:
            commands.post_message(selected)
        await wait_until(pilot, lambda: type(pilot.app.screen).__name__ == "WizardScreen")
        assert sample_app.fault is None
        assert len(pilot.app.screen_stack) == 2


@pytest.mark.parametrize("is_over_details", [False, True])
async def test_two_clicks_beside_it_close_it_alone(sample_app: TokentuiApp, is_over_details: bool) -> None:
    """In one write, as a finger that trembles sends them: not what lies under it, and not the app."""
    async with sample_app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        if is_over_details:
            await pilot.press("enter")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, DetailsScreen))
        under = pilot.app.screen
        await palette(pilot)
        drag(sample_app, (1, 28))
        drag(sample_app, (1, 28))
        await settle(pilot)
        assert sample_app.fault is None
        assert pilot.app.screen is under
