"""What the tests of actions do alike: start the list, wait for a window, read what it says."""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Button, Static

from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tokentui.app import TokentuiApp
from tokentui.screens.dialogs import Dialog
from tokentui.screens.tokens.screen import TokensScreen


async def start(pilot: Pilot[None], rows: int = 1) -> None:
    """The list with its rows read."""
    app = pilot.app
    await wait_until(pilot, lambda: isinstance(app.screen, TokensScreen) and app.screen.table.pages.total == rows)
    await settle(pilot)


async def opened(pilot: Pilot[None], kind: type[Dialog[Any]]) -> Dialog[Any]:
    """A window of this kind, laid out."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await settle(pilot)
    assert isinstance(pilot.app.screen, kind)
    return pilot.app.screen


async def closed(pilot: Pilot[None]) -> None:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, TokensScreen))
    await settle(pilot)


def said(app: TokentuiApp) -> str:
    return "\n".join(f"{note.title} {note.message}" for note in toasts(app))


def words(dialog: Dialog[Any]) -> str:
    """The title and all text of a window."""
    title = Content.from_markup(str(dialog.query_one(".dialog").border_title)).plain
    return "\n".join([title, *(str(text.content) for text in dialog.query(Static))])


def is_safe(dialog: Dialog[Any]) -> bool:
    return isinstance(dialog.focused, Button) and dialog.focused.id == "leave"
