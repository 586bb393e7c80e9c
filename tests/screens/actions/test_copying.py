"""A key or an ID is copied: said how, and taken out of the clipboard again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import make_token
from tests.screens.actions.driving import said, start
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tests.ui.test_clipboard import program
from tokentui import audit
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


async def test_copying_says_how_and_how_to_see_it_instead(app: TokentuiApp, context: Context, sent: list[str]) -> None:
    """c takes the key, y the ID; the audit knows of the key."""
    issued = make_token(context)
    assert issued.key is not None
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("c")
        await wait_until(pilot, lambda: "OSC 52" in said(app))
        assert "No program can know whether the terminal took it" in said(app)
        assert "v in the details shows it" in said(app)
        assert issued.key.secret not in said(app)
        await pilot.press("y")
        await wait_until(pilot, lambda: len(sent) == 2)
    assert sent == [issued.key.text, issued.token.label]
    assert [entry.action for entry in audit.entries(context, issued.token.id)] == ["copy", "create"]


async def test_without_a_clipboard_no_key_leaves_the_vault(app: TokentuiApp, context: Context) -> None:
    """`clipboard = "none"`: said, with the way to see it, and not in the audit."""
    issued = make_token(context)
    context.settings = replace(context.settings, clipboard="none")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("c")
        await wait_until(pilot, lambda: "Nothing was copied" in said(app))
        assert "V in the details shows it" in said(app)
    assert [entry.action for entry in audit.entries(context, issued.token.id)] == ["create"]
