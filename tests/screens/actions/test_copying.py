"""A copied key is taken out of the clipboard again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tests.ui.test_clipboard import program
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.tokens.screen import TokensScreen


@pytest.fixture
def held(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the clipboard of a desktop holds, from which a key is taken away after 100 ms."""
    file = tmp_path / "held"
    path = program(tmp_path, "xclip", f'case "$*" in *-out) cat {file} ;; *) cat > {file} ;; esac')
    monkeypatch.setattr("shutil.which", lambda name: path if name == "xclip" else None)
    context.environ = {"DISPLAY": ":0"}
    context.settings = replace(context.settings, clipboard="system", clipboard_clear=timedelta(milliseconds=100))
    return file


async def test_a_key_is_taken_away_again(app: TokentuiApp, context: Context, held: Path) -> None:
    """The message says so beforehand, and another when it was; an ID stays."""
    make_token(context)
    said: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, TokensScreen) and app.screen.table.pages.total == 1)
        await settle(pilot)
        await pilot.press("c")
        await wait_until(pilot, lambda: held.exists() and held.read_text() == "")
        await wait_until(pilot, lambda: len(toasts(app)) == 2)
        said += [f"{note.title} {note.message}" for note in toasts(app)]
        await pilot.press("y")
        await wait_until(pilot, lambda: held.read_text().startswith("SU-"))
    assert "It is taken away in" in said[0]
    assert "was taken out of xclip again" in said[1]
