"""The creation wizard: its steps, what it refuses, what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from textual.pilot import Pilot
from textual.widgets import Button, Static

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing import counts, pages
from tokentui.listing.spec import ListSpec
from tokentui.records import Status, TokenRecord
from tokentui.screens.dialogs import Confirm
from tokentui.screens.token_form.draft import Step
from tokentui.screens.token_form.module_list import ModuleList
from tokentui.screens.token_form.module_picker import ModulePicker
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.screens.widgets.waiting import Waiting
from tokentui.screens.wizard.screen import WizardScreen
from tokentui.tokens import reads
from tokentui.tokens.secrets import reveal_keys


async def open_wizard(app: TokentuiApp, pilot: Pilot[None]) -> WizardScreen:
    """`n`, and the first step is there."""
    await settle(pilot)
    await pilot.press("n")
    await wait_until(pilot, lambda: isinstance(app.screen, WizardScreen) and bool(app.screen.query("#field-name")))
    await settle(pilot)
    assert isinstance(app.screen, WizardScreen)
    return app.screen


def step_of(wizard: WizardScreen) -> Step:
    """The present step, read anew: mypy would keep what an assertion before has found."""
    return wizard.step


async def choose(pilot: Pilot[None], choice: Choice, value: str, key: str) -> None:
    """Presses an arrow until a line is chosen."""
    for _ in range(len(choice.options)):
        if choice.value != value:
            await pilot.press(key)
    assert choice.value == value


def only_token(context: Context) -> TokenRecord:
    """The one token there is."""
    (token,) = pages.page(context, ListSpec())
    return token


async def test_a_custom_token_with_two_modules_and_a_date(app: TokentuiApp, context: Context) -> None:
    """The whole way by keys: each value arrives, the key at Summary is the token's."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press(*"Bill", "tab", *"E-1", "tab", *"Ops", "tab", *"one", "enter", *"two", "pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.EXPIRATION
        choice = wizard.query_one("#when-choice", Choice)
        await choose(pilot, choice, "custom", "down")
        await pilot.press("enter", *"2027-01-07")
        await settle(pilot)
        moment = str(wizard.query_one("#when-moment", Static).content)
        assert "7 Jan 2027 23:59 CET, in 45" in moment  # 44.56 days
        await pilot.press("pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.EXTENSION
        await pilot.press("pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.PERMISSIONS
        assert str(wizard.query_one("#form-next", Button).label) == "Create"
        await pilot.press("slash", *"help", "enter", "space")
        await pilot.press("slash", "backspace", "backspace", "backspace", "backspace", *"usag", "enter", "space")
        await settle(pilot)
        assert wizard.draft.modules == {"helpdesk", "usage"}
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        await settle(pilot)
        token = only_token(context)
        assert (token.name, token.external_id, token.description) == ("Bill", "E-1", "one\ntwo")
        assert token.modules == ("helpdesk", "usage")
        assert token.status is Status.ACTIVE
        await pilot.press("v")
        await settle(pilot)
        shown = str(wizard.query_one("#secret-text", Static).content)
        assert shown == reveal_keys(context, token.id)[0].key.text
        await pilot.press("escape")
        await settle(pilot)
        assert not isinstance(app.screen, WizardScreen)
        assert len(reads.list_secrets(context, token.id)) == 1


async def test_each_step_refuses_what_is_wrong_beside_its_field(app: TokentuiApp, context: Context) -> None:
    """A missing name only once the field was left; a date that does not exist; no module."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        error = wizard.query_one("#field-name .field-error", Static)
        assert str(error.content) == ""
        await pilot.press("tab")
        await settle(pilot)
        lit = [str(label.content) for label in app.screen.query(".field-label.-lit").results(Static)]
        assert lit == ["External ID"]
        assert str(error.content) == "a name is needed"
        await pilot.press("pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.GENERAL
        await pilot.press("A", "pagedown")
        await settle(pilot)
        choice = wizard.query_one("#when-choice", Choice)
        await choose(pilot, choice, "custom", "down")
        for text, said in (
            ("2026-02-30", "not a date that exists"),
            ("2026-01-01", "past"),
            ("2027-03-28T02:30", "clocks"),
        ):
            wizard.query_one("#field-expires", Field).value = text
            await pilot.press("pagedown")
            await settle(pilot)
            assert step_of(wizard) is Step.EXPIRATION
            assert said in str(wizard.query_one("#field-expires .field-error", Static).content)
        wizard.query_one("#field-expires", Field).value = "+45d"
        await settle(pilot)
        await pilot.press("pagedown", "pagedown")
        await settle(pilot)
        await pilot.press("pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.PERMISSIONS
        assert "at least one module" in str(wizard.query_one("#modules-error", Static).content)
        assert counts.count(context, ListSpec()) == 0


async def test_an_extension_that_does_not_ask(app: TokentuiApp, context: Context) -> None:
    """The step says what the token will get; it gets that."""
    async with app.run_test(size=(120, 40)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("Z", "pagedown", "pagedown")
        await settle(pilot)
        choice = wizard.query_one("#extension-choice", Choice)
        await choose(pilot, choice, "zapier", "up")
        await pilot.press("pagedown")
        await settle(pilot)
        assert not wizard.query_one(ModulePicker).display
        assert "Not needed" in str(wizard.query_one("#permissions-granted", Static).content)
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        await settle(pilot)
        assert len(only_token(context).modules) == 5
        await pilot.press("enter")
        await wait_until(pilot, lambda: type(app.screen).__name__ == "DetailsScreen")


async def test_going_back_keeps_everything_and_leaving_asks(app: TokentuiApp) -> None:
    """PgUp; then escape, go on, escape, leave."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press(*"Kept", "pagedown", "pageup")
        await settle(pilot)
        assert wizard.query_one("#field-name", Field).value == "Kept"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, WizardScreen))
        assert wizard.draft.name == "Kept"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: not isinstance(app.screen, (WizardScreen, Confirm)))


async def test_leaving_at_once_does_not_ask(app: TokentuiApp) -> None:
    """Nothing was typed."""
    async with app.run_test(size=(80, 24)) as pilot:
        await open_wizard(app, pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, WizardScreen))
        assert not isinstance(app.screen, Confirm)


async def test_all_modules_greys_the_others(app: TokentuiApp, context: Context) -> None:
    """And is kept as a wildcard."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown", "pagedown", "pagedown")
        await settle(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert wizard.query_one(ModuleList).disabled
        await pilot.press("enter", "enter")  # ticks, and never creates
        await settle(pilot)
        assert wizard.draft.all_modules
        assert step_of(wizard) is Step.PERMISSIONS
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        token = only_token(context)
        assert token.all_modules
        assert token.modules == ()


async def test_max_lifetime_takes_away_what_passes_it(context: Context) -> None:
    """Longer presets and Never are not offered."""
    context.settings = replace(context.settings, max_lifetime=timedelta(days=60))
    app = TokentuiApp(context)
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown")
        await settle(pilot)
        choice = wizard.query_one("#when-choice", Choice)
        assert [option.id for option in choice.options] == ["7 days", "30 days", "60 days", "custom"]


async def test_a_rule_of_the_settings_is_shown_where_it_is_broken(context: Context) -> None:
    """The step is not left, and says which setting stands in the way."""
    context.settings = replace(
        context.settings, require_owner=True, allowed_extensions=("flowgear", "custom"), forbid_all_modules=True
    )
    app = TokentuiApp(context)
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.GENERAL
        owner = wizard.query_one("#field-owner", Field)
        assert "require_owner" in str(owner.query_one(".field-error", Static).content)
        await pilot.press(*"Ops", "pagedown", "pagedown")
        await settle(pilot)
        choice, line = wizard.query_one("#extension-choice", Choice), wizard.query_one("#extension-error", Static)
        assert not line.display
        for extension, setting in (("zapier", "allowed_extensions"), ("flowgear", "forbid_all_modules")):
            await choose(pilot, choice, extension, "down" if extension == "zapier" else "up")
            await pilot.press("pagedown")
            await settle(pilot)
            assert (step_of(wizard), line.display) == (Step.EXTENSION, True)
            assert setting in str(line.content)
        await choose(pilot, choice, "custom", "down")
        await pilot.press("pagedown", "space", "pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.PERMISSIONS
        assert "forbid_all_modules" in str(wizard.query_one("#modules-error", Static).content)


async def test_a_locked_database_keeps_what_was_typed(
    app: TokentuiApp, context: Context, open_as: Callable[..., Context], clock: FrozenClock
) -> None:
    """The wizard stays on its step with the reason, and Create works when the lock is gone."""
    context.vault()
    context.database.close()
    locked = open_as(busy_timeout=timedelta(seconds=0.2))
    locked.vault()
    app = TokentuiApp(locked)
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown", "pagedown", "pagedown", "space")
        await settle(pilot)
        with context.database.write():
            await pilot.press("pagedown")
            failed = wizard.query_one("#form-failed", Static)
            await wait_until(pilot, lambda: "locked" in str(failed.content))
            assert step_of(wizard) is Step.PERMISSIONS
            assert wizard.draft.name == "A"
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        assert only_token(context).name == "A"


async def test_create_pressed_twice_makes_one_token(app: TokentuiApp, context: Context) -> None:
    """A nervous finger."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown", "pagedown", "pagedown", "space", "pagedown", "pagedown")
        await wait_until(pilot, lambda: wizard.issued is not None)
        await settle(pilot)
        assert counts.count(context, ListSpec()) == 1


async def test_the_key_is_covered_again_when_asked(app: TokentuiApp, context: Context) -> None:
    """`v` twice."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown", "pagedown", "pagedown", "space", "pagedown")
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        await settle(pilot)
        field = wizard.query_one(SecretField)
        await pilot.press("v")
        assert field.shown
        await pilot.press("v")
        assert not field.shown
        assert "•" in str(wizard.query_one("#secret-text", Static).content)


async def test_who_stops_waiting_keeps_what_was_typed_and_is_told_of_the_token(
    app: TokentuiApp, context: Context, open_as: Callable[..., Context]
) -> None:
    """A locked database: a line says what is waited for, Esc stops waiting, no second token can be made meanwhile."""
    context.vault()
    context.database.close()
    locked = open_as(busy_timeout=timedelta(seconds=30))
    locked.vault()
    app = TokentuiApp(locked)
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown", "pagedown", "pagedown", "space")
        await settle(pilot)
        with context.database.write():
            await pilot.press("pagedown")
            await wait_until(pilot, lambda: wizard.query_one(Waiting).display)
            assert "locked by another process" in str(wizard.query_one(Waiting).render())
            await pilot.press("escape")
            failed = wizard.query_one("#form-failed", Static)
            await wait_until(pilot, lambda: "stopped waiting" in str(failed.content))
            assert wizard.draft.name == "A"
            assert step_of(wizard) is Step.PERMISSIONS
            await pilot.press("pagedown")
            await wait_until(pilot, lambda: "not answered the first time" in str(failed.content))
        await wait_until(pilot, lambda: wizard.step is Step.SUMMARY)
        await wait_until(pilot, lambda: any("made after all" in toast.message for toast in app._notifications))
        assert only_token(context).name == "A"


async def test_a_name_that_another_token_has_is_warned_of(app: TokentuiApp, context: Context) -> None:
    """Under the field, with the other's ID; it does not stand in the way."""
    other = make_token(context, "Twice").token
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        line = wizard.query_one("#field-name .field-error", Static)
        await pilot.press(*"Twice")
        await wait_until(pilot, lambda: other.label in str(line.content))
        await pilot.press("!")
        await wait_until(pilot, lambda: other.label not in str(line.content))
        await pilot.press("backspace", "pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.EXPIRATION


async def test_create_goes_back_to_the_step_that_has_become_wrong(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """A moment that has passed while one chose modules is said under its field."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown")
        await settle(pilot)
        await choose(pilot, wizard.query_one("#when-choice", Choice), "custom", "down")
        await pilot.press("enter", *"2026-11-24T10:31", "pagedown", "pagedown", "space")
        await settle(pilot)
        assert step_of(wizard) is Step.PERMISSIONS
        clock.move(minutes=5)
        await pilot.press("pagedown")
        await settle(pilot)
        assert step_of(wizard) is Step.EXPIRATION
        assert "past" in str(wizard.query_one("#field-expires .field-error", Static).content)
        assert wizard.focused is wizard.query_one("#field-expires Input")
        assert counts.count(context, ListSpec()) == 0


async def test_chosen_modules_come_first_when_one_comes_back(app: TokentuiApp) -> None:
    """And stay where they are while one ticks."""
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await open_wizard(app, pilot)
        await pilot.press("A", "pagedown", "pagedown", "pagedown", "down", "end", "enter")
        await settle(pilot)
        listed = wizard.query_one(ModuleList)
        assert wizard.draft.modules == {"usage"}
        assert listed.modules[-1].slug == "usage"
        await pilot.press("pageup", "pagedown")
        await settle(pilot)
        assert listed.modules[0].slug == "usage"
        assert "1 of 24" in str(wizard.query_one("#form").border_title)
