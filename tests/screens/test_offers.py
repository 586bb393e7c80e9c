"""What a screen offers on a token is done, or asked about first, for each status."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import Action, Status
from tokentui.screens.actions.row_menu import RowMenu
from tokentui.screens.base import ServiceCalls
from tokentui.screens.commands import BY_ID
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.offers import Offer
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.flow import Flow
from tokentui.tokens import bulk

_DIGIT = {status: str(number) for number, status in enumerate(Status, start=1)}
_LEAVES = {"app.quit", "tokens.quit", "app.suspend"}


@pytest.fixture(autouse=True)
def _clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokentui.ui.clipboard.osc52", lambda text: "")


def make_of(status: Status, context: Context, clock: FrozenClock) -> int:
    """A token of this status."""
    token_id = make_token(context, status.value, days={Status.EXPIRING: 3, Status.EXPIRED: 1}.get(status, 60)).token.id
    if status is Status.EXPIRED:
        clock.move(days=2)
    if status is Status.DISABLED:
        bulk.apply(context, Action.DISABLE, (token_id,))
    if status is Status.DELETED:
        bulk.apply(context, Action.DELETE, (token_id,))
    return token_id


def offers_of(app: TokentuiApp) -> dict[str, Offer]:
    screen = app.screen
    assert isinstance(screen, ServiceCalls)
    return {offer.command.id: offer for offer in screen.offers()}


def keys_in_text(app: TokentuiApp) -> set[str]:
    """The keys that the details name beside what they do: above, beside the keys, and under the boxes."""
    flows = app.screen.query("#details-hints, #secret-keys").results(Flow)
    named = [word.plain for flow in flows for _, word in flow.items]
    lines = [str(text.content) for text in app.screen.query("#expires, #try-it").results(Static) if text.display]
    named += [part for text in lines for part in text.split("   ") if part.endswith(("Renew", "with the key"))]
    return {text.split()[0] for text in named}


def complaints(app: TokentuiApp) -> list[str]:
    return [note.message for note in app._notifications if note.severity != "information"]


async def try_offers(app: TokentuiApp, pilot: Pilot[None], status: Status, *, on_details: bool) -> set[str]:
    """Carries each offered command out on a token of the status, and fails where one is refused; returns their IDs."""

    async def begin() -> None:
        """The place that the commands are tried at: what they opened is closed, the cursor is on the token."""
        while len(app.screen_stack) > 1 and not (on_details and isinstance(app.screen, DetailsScreen)):
            app.pop_screen()
            await pilot.pause()
        if isinstance(app.screen, DetailsScreen):
            await settle(pilot)
            return
        table = app.screen
        assert isinstance(table, TokensScreen)
        table.set_focus(table.table)  # one of the commands goes into the filter
        await pilot.press(_DIGIT[status])
        await wait_until(pilot, lambda: table.table.token is not None)
        await settle(pilot)
        if on_details:
            await pilot.press("enter")
            await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.details is not None)
            await settle(pilot)
            details = app.screen
            assert isinstance(details, DetailsScreen)
            assert keys_in_text(app) <= {details.keys.first(name) for name in offers_of(app)}

    await settle(pilot)
    await begin()
    offered = offers_of(app)
    tried = [
        offer.command
        for offer in offered.values()
        # What concerns no token is tried for one status.
        if offer.command.id not in _LEAVES and (offer.command.actions or (status is Status.ACTIVE and not on_details))
    ]
    # These change the token at once, so they come last.
    tried.sort(key=lambda command: command.id in ("token.toggle", "token.restore"))
    for command in tried:
        await begin()
        app.clear_notifications()
        assert isinstance(app.screen, ServiceCalls)
        await app.screen.run_command(command)
        await settle(pilot)
        assert complaints(app) == [], command.id
        if isinstance(app.screen, RowMenu):
            assert {offer.command.id for offer in app.screen.menu} <= set(offered)
    return set(offered)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("on_details", [False, True])
async def test_what_is_offered_is_not_refused(
    app: TokentuiApp, context: Context, clock: FrozenClock, status: Status, on_details: bool
) -> None:
    """Each command is carried out on a token of the status: no message says why it can't be."""
    make_of(status, context, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        offered = await try_offers(app, pilot, status, on_details=on_details)
    assert ("token.restore" in offered) == (status is Status.DELETED)
    assert ("token.rotate" in offered) == (status is not Status.DELETED)


@pytest.mark.parametrize("on_details", [False, True])
async def test_a_read_only_app_offers_nothing_that_writes(
    context: Context, clock: FrozenClock, open_as: Callable[..., Context], on_details: bool
) -> None:
    """And refuses nothing of what is left."""
    make_of(Status.ACTIVE, context, clock)
    app = TokentuiApp(open_as(read_only=True))
    async with app.run_test(size=(120, 40)) as pilot:
        offered = await try_offers(app, pilot, Status.ACTIVE, on_details=on_details)
    assert not {command_id for command_id in offered if BY_ID[command_id].writes}
    assert "token.copy_id" in offered
