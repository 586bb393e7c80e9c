"""What the tests of the details do alike: open them, and read what stands on them."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Static

from tests.screens.conftest import settle, wait_until
from tokentui.listing.spec import ListSpec
from tokentui.screens.details.boxes import Row
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.messages import OpenToken
from tokentui.screens.widgets.flow import Flow
from tokentui.screens.widgets.notice import Notice
from tokentui.screens.widgets.secret_field import SecretField


async def open_details(pilot: Pilot[None], token_id: int, spec: ListSpec | None = None) -> DetailsScreen:
    """The screen with its token read."""
    pilot.app.post_message(OpenToken(token_id, spec or ListSpec()))
    await wait_until(
        pilot, lambda: isinstance(pilot.app.screen, DetailsScreen) and pilot.app.screen.details is not None
    )
    await settle(pilot)
    assert isinstance(pilot.app.screen, DetailsScreen)
    await wait_until(
        pilot,
        lambda: bool(pilot.app.screen.query("SecretField, .secret-note")) or not pilot.app.screen.query("#key"),
    )
    return pilot.app.screen


def row(details: DetailsScreen, name: str) -> str:
    return str(details.query_one(f"#{name}", Row).query_one(".row-value", Static).content)


def line(details: DetailsScreen, name: str) -> str:
    return str(details.query_one(f"#{name}", Static).content)


def title(details: DetailsScreen) -> str:
    return line(details, "details-name")


def is_titled(details: DetailsScreen, name: str) -> bool:
    return title(details).startswith(f"{name} ")


def facts(details: DetailsScreen) -> str:
    return str(details.query_one("#details-facts", Flow).render())


def keys(details: DetailsScreen) -> list[str]:
    """What stands in the fields of the secrets."""
    # A field that was only just mounted has no text yet.
    return [str(text.content) for text in details.query("SecretField #secret-text").results(Static)]


def open_keys(details: DetailsScreen) -> int:
    return sum(field.shown for field in details.query(SecretField))


def notice(details: DetailsScreen) -> str:
    shown = details.query_one(Notice)
    return str(shown.content) if shown.display else ""
