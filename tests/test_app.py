"""The app as a whole: keys that come faster than screens open, the mouse everywhere, results that come too late."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterable

import pytest
from textual import events
from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.widgets import Input, TabbedContent

from tests.cli.conftest import Tokentui
from tests.factories import make_token
from tests.mouse import mouse_event
from tests.screens import conftest
from tests.screens.conftest import settle, wait_until
from tests.screens.every_screen import PLACES, Place, screen_classes
from tests.screens.hostile_texts import drawn
from tests.screens.tokens.test_screen import table_of
from tests.terminal_keys import typed
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.edit.screen import EditScreen
from tokentui.screens.help import HelpScreen
from tokentui.screens.tokens.filter_bar import FilterBar
from tokentui.screens.wizard.screen import WizardScreen
from tokentui.terminal.input import InputDecoder
from tokentui.terminal.textual_internals import new_parser

app, sample_app = conftest.app, conftest.sample_app

PROSE = "Tokens expire every night, so renew the one that Edna made.\r\n"


def send(app: TokentuiApp, keys: Iterable[str]) -> None:
    """All of them at once, as one read of a terminal brings them."""
    seconds = itertools.count()
    decoder = InputDecoder(new_parser, clock=lambda: next(seconds))
    for name in keys:
        for message in [*decoder.feed(typed(name)), *decoder.tick()]:
            app.post_message(message)


def drag(app: TokentuiApp, *cells: tuple[int, int]) -> None:
    """The button goes down on the first cell and up on the last."""
    kinds = [events.MouseDown, *[events.MouseMove] * (len(cells) - 1), events.MouseUp]
    for kind, cell in zip(kinds, [*cells, cells[-1]], strict=True):
        app.post_message(mouse_event(kind, cell))


async def go(pilot: Pilot[None], app: TokentuiApp, place: Place) -> None:
    """Sends the keys to a screen, and waits until it is in front."""
    await settle(pilot)
    send(app, place.keys)
    if place.meanwhile:
        text = place.meanwhile.text
        await wait_until(pilot, lambda: text in drawn(app), seconds=60)
        await settle(pilot)
        if place.meanwhile.command:
            assert Tokentui(app.context.settings.home)(*place.meanwhile.command).status == 0
        send(app, place.meanwhile.keys)
    await wait_until(pilot, lambda: type(pilot.app.screen).__name__ == place.screen, seconds=60)
    await settle(pilot)


def test_every_screen_has_a_place() -> None:
    """A new screen or dialog takes part in the tests of all of them: give it a place in every_screen.PLACES."""
    assert {kind.__name__ for kind in screen_classes()} <= {place.screen for place in PLACES.values()}


@pytest.mark.parametrize(
    "keys", ["e" * 26, "n" * 3, "?" * 3, "m" * 3, "r" * 3, "w" * 3, ["enter"] * 3, ["ctrl+d"] * 3, PROSE]
)
async def test_a_key_that_is_held_opens_one_screen(app: TokentuiApp, context: Context, keys: Iterable[str]) -> None:
    """And prose that is pasted without brackets is no fault."""
    make_token(context)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        send(app, keys)
        await settle(pilot)
        kinds = Counter(type(screen).__name__ for screen in app.screen_stack)
        assert max(kinds.values()) == 1, kinds


async def test_keys_that_move_the_cursor_keep_their_order_with_others(sample_app: TokentuiApp) -> None:
    """They do not wait for one another, but what comes between them does: the token below is opened, not another."""
    async with sample_app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = table_of(sample_app).table
        send(sample_app, ["down", "j", "down", "up", *["down"] * 5])
        await wait_until(pilot, lambda: table.index == 7)
        send(sample_app, ["G", "g", "down", "enter"])
        await wait_until(pilot, lambda: isinstance(sample_app.screen, DetailsScreen))
        await settle(pilot)
        assert table.index == 1
        assert isinstance(sample_app.screen, DetailsScreen)
        assert sample_app.screen.token_id == table.token_id


async def test_text_typed_behind_a_key_that_opens_a_form_is_in_the_form(app: TokentuiApp, context: Context) -> None:
    """The filter, the wizard, the edit form, the help."""
    make_token(context, "Nightly")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        send(app, ["/", *"night", "enter", "e", *" upload"])
        await wait_until(pilot, lambda: isinstance(app.screen, EditScreen))
        await wait_until(pilot, lambda: app.screen.query("#field-name Input").results(Input) is not None)
        await settle(pilot)
        assert app.screen.query_one("#field-name Input", Input).value == "Nightly upload"
        assert table_of(app).query_one(FilterBar).text == "night"
        send(app, ["escape", "right", "enter", "n", *"Billing"])
        await wait_until(pilot, lambda: isinstance(app.screen, WizardScreen))
        await settle(pilot)
        assert app.screen.query_one("#field-name Input", Input).value == "Billing"
        send(app, ["escape", "right", "enter", "?", *"rotate"])
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await settle(pilot)
        assert app.screen.query_one(Input).value == "rotate"


async def test_a_key_waits_for_an_action_but_not_for_ever(app: TokentuiApp, context: Context) -> None:
    """What is at work for longer than a second does not hold up ctrl+q, help or the cursor."""
    make_token(context)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = table_of(app)
        end = threading.Event()
        try:
            worker = screen.run_worker(screen.change(lambda context: end.wait(20)), group="action")
            send(app, ["?"])
            await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen), seconds=5)
        finally:
            end.set()
        await worker.wait()


async def test_tabs_keep_up_with_a_key_that_is_held(sample_app: TokentuiApp) -> None:
    """Each press is a tab further, also where nothing holds the keys back."""
    async with sample_app.run_test(size=(80, 24)) as pilot:
        await go(pilot, sample_app, PLACES["details"])
        for action in ("next_tab",) * 3 + ("previous_tab",):
            await sample_app.screen.run_action(action)
        await settle(pilot)
        assert sample_app.screen.query_one(TabbedContent).active == "permissions"


async def test_text_is_selected_by_a_drag(sample_app: TokentuiApp) -> None:
    """On the title, say: a click that wobbles by a cell ended the app."""
    async with sample_app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        drag(sample_app, (2, 0), (5, 0), (9, 0))
        await settle(pilot)
        assert sample_app.screen.get_selected_text() == "okentui "


async def test_a_widget_that_is_looked_for_too_late_is_no_fault(app: TokentuiApp, context: Context) -> None:
    """Something of a screen that is going away finds nothing there, and that is dropped."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = DetailsScreen(token.id, table_of(app).spec)
        await app.push_screen(screen)
        await settle(pilot)
        looked = []

        def late() -> None:
            looked.append(screen)
            screen.query_one("#nothing")

        screen.dismiss(None)
        screen.call_later(late)
        await settle(pilot)
        assert looked
        assert app.fault is None


async def looked_for(context: Context) -> None:
    """A widget that is not there, on a screen that is open."""
    app = TokentuiApp(context)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.screen.call_later(lambda: app.screen.query_one("#nothing"))
        await pilot.pause()


async def test_a_widget_that_is_missing_is_a_fault(context: Context) -> None:
    """Not every NoMatches is dropped."""
    with pytest.raises(NoMatches):
        await looked_for(context)


async def test_an_answer_under_another_screen_closes_its_own(app: TokentuiApp, context: Context) -> None:
    """A form is saved while the help lies over it: the help stays, and under it is the list."""
    token = make_token(context).token
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form = EditScreen(token.id)
        await app.push_screen(form)
        await app.push_screen(HelpScreen())
        await settle(pilot)
        form.dismiss(None)
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is table_of(app))
        form.dismiss(None)
        assert app.screen_stack[-1] is table_of(app)
