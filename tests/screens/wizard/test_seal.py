"""Handing the new key over unseen: sealed to a public key, copied and shown, and in the audit."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.screens.conftest import settle, wait_until
from tokentui import audit
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.screens.dialogs import MessageDialog, Prompt
from tokentui.screens.wizard.screen import WizardScreen
from tokentui.screens.wizard.summary import SummaryPane

pyrage = pytest.importorskip("pyrage", reason="the extra `age` is not installed")


async def make(app: TokentuiApp, pilot: Pilot[None]) -> WizardScreen:
    """A token in the wizard, up to its summary."""
    await settle(pilot)
    await pilot.press("n", *"Nightly", *["pagedown"] * 3, "space", "pagedown")
    await wait_until(pilot, lambda: bool(app.screen.query(SummaryPane)))
    await settle(pilot)
    assert isinstance(app.screen, WizardScreen)
    return app.screen


async def test_the_recipient_alone_can_read_it(
    app: TokentuiApp, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    def keep(text: str) -> str:
        copied.append(text)
        return ""

    monkeypatch.setattr("tokentui.ui.clipboard.osc52", keep)
    identity = pyrage.x25519.Identity.generate()
    async with app.run_test(size=(80, 24)) as pilot:
        wizard = await make(app, pilot)
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press(*"age1x", "enter")
        await settle(pilot)
        assert "no public key" in str(app.screen.query_one("#prompt-error", Static).content)
        app.screen.query_one(Input).value = str(identity.to_public())
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, MessageDialog))
        dialog = app.screen
        assert isinstance(dialog, MessageDialog)
        sealed = "\n".join(dialog._lines)
        assert wizard.issued is not None
        assert wizard.issued.key is not None
        assert pyrage.decrypt(sealed.encode(), [identity]).decode() == wizard.issued.key.text
        assert copied == [sealed]
    entry = audit.entries(context)[0]
    assert (entry.action, entry.changes) == ("hand-over", {"recipient": (None, str(identity.to_public()))})


async def test_to_nobody(app: TokentuiApp, context: Context) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await make(app, pilot)
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, WizardScreen))
    assert [entry.action for entry in audit.entries(context)] == ["create"]
