"""What the line of keys in a dialog names is done by these keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import plain_frame, toasts
from tests.screens.every_screen import PLACES
from tokentui.app import TokentuiApp
from tokentui.screens.token_form.form_keys import FormKeys
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.key_line import KeyLine

DIALOGS = (
    "about", "delete", "disable", "edit", "export", "help", "leave the wizard", "renew", "rotate", "wizard",
    "wizard, permissions", "bulk preview", "new key", "wizard, summary",
)  # fmt: skip
"""Those that keys alone lead to; the last two change a token."""

_PRESSED = {
    "⏎": "enter", "←→": "right", "Tab": "tab", "Esc": "escape", "⏎ Esc": "enter", "Space": "space", "/": "slash",
    "PgUp": "pageup", "PgDn": "pagedown", "^s": "ctrl+s", "v": "v", "c": "c", "s": "s", "↑↓ PgUp PgDn": "pagedown",
}  # fmt: skip
"""What is pressed for a key as it is shown."""

_NOT_KEYS = {"[keys]"}


def shown_keys(screen: Screen[Any]) -> list[str]:
    """The keys that a dialog names, as they are shown."""
    lines = [entry.key for line in screen.query(KeyLine) for entry in line.shown()]
    return [*lines, *(word.plain.split()[0] for form in screen.query(FormKeys) for _, word in form.items)]


async def test_each_key_of_a_dialog_does_something(
    sample_app: TokentuiApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It changes what is shown, or closes the dialog, and nothing complains."""
    monkeypatch.chdir(tmp_path)  # the export writes there
    monkeypatch.setattr("tokentui.ui.clipboard.osc52", lambda text: "")
    async with sample_app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for name in DIALOGS:
            await _open(pilot, sample_app, name)
            keys = [key for key in shown_keys(sample_app.screen) if key not in _NOT_KEYS]
            assert keys, name
            for key in keys:
                if type(sample_app.screen).__name__ != PLACES[name].screen or key not in shown_keys(sample_app.screen):
                    await _open(pilot, sample_app, name)
                before = plain_frame(sample_app)
                await pilot.press(_PRESSED[key])
                await settle(pilot)
                said = toasts(sample_app)
                assert said or plain_frame(sample_app) != before, (name, key)
                assert all(note.severity == "information" for note in said), (name, key, said)


async def _open(pilot: Pilot[None], app: TokentuiApp, name: str) -> None:
    """The dialog as its keys open it, over the table as it was."""
    while len(app.screen_stack) > 1:
        app.pop_screen()
        await pilot.pause()
    table = app.screen
    assert isinstance(table, TokensScreen)
    app.clear_notifications()
    table.table.set_marks(())
    table.set_focus(table.table)
    await pilot.press("0", "home")
    await settle(pilot)
    place = PLACES[name]
    await pilot.press(*("question_mark" if key == "?" else key for key in place.keys))
    await settle(pilot)
    if place.meanwhile:
        await pilot.press(*place.meanwhile.keys)
    await wait_until(pilot, lambda: type(app.screen).__name__ == place.screen)
    await settle(pilot)
    for field in app.screen.query(Input):
        field.cursor_blink = False
