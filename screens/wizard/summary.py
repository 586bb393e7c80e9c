"""Step 5: what was made, with its key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokentui.context import Context
from tokentui.crypto import recipient as recipients
from tokentui.errors import TokentuiError, UsageError
from tokentui.records import Issued, TokenRecord
from tokentui.screens.actions.copying import copy_text
from tokentui.screens.base import ServiceCalls
from tokentui.screens.dialogs import MessageDialog, Prompt
from tokentui.screens.widgets.secret_field import SHOWN_ONCE, SecretField
from tokentui.screens.widgets.timed_text import TimedText
from tokentui.tokens import secrets
from tokentui.ui import wording
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError


class SummaryPane(VerticalScroll, can_focus=False):
    """Every setting, the ID, and the key, covered."""

    def __init__(self, issued: Issued, calls: ServiceCalls) -> None:
        super().__init__(id="summary")
        self._issued = issued
        self._calls = calls

    def compose(self) -> ComposeResult:
        """The key first: it is what one came for."""
        token = self._issued.token
        yield Static(Content(f"{token.label} is ready."), id="summary-done")
        yield SecretField(token.id)
        if not self._calls.context.settings.reveal:
            yield Static(SHOWN_ONCE, classes="warning", markup=False)
        if self._issued.same_name is not None:
            yield Static(Content(f"⚠ {wording.same_name_text(self._issued.same_name)}"), classes="warning")
        for name, value in _settings(token, self._calls.context):
            yield TimedText(partial(_line, name, value))

    @on(SecretField.ViewWanted)
    def view_key(self) -> None:
        """Shows the key, or covers it."""
        field, key = self.query_one(SecretField), self._issued.key
        if field.shown:
            field.cover()
        elif key is not None:
            field.reveal(key)

    @on(SecretField.CopyWanted)
    @work(group="copy", exclusive=True)
    async def copy_key(self) -> None:
        if self._issued.key is not None:
            view = self._calls.keys.first("details.view_key")
            await copy_text(self._calls, self._issued.key.text, "The new key", instead=f"{view} shows it")

    @work(group="copy", exclusive=True)
    async def seal_key(self) -> None:
        """Asks for a public key, and copies and shows the token's key as its owner alone can read it."""
        key, label = self._issued.key, "An age recipient (age1…), or a line of an SSH public key file"
        if key is None:
            return
        typed = await self.app.push_screen_wait(
            Prompt("Seal the key to somebody", label, "", confirm="Seal", check=_recipient)
        )
        if typed is None:
            return
        recipient, token_id = recipients.parse(typed), self._issued.token.id
        try:
            await self._calls.change(lambda context: secrets.record_hand_over(context, token_id, recipient.name))
        except TokentuiError as error:
            self._calls.explain(error)
            return
        sealed = await asyncio.to_thread(recipient.seal, key.text)
        await copy_text(self._calls, sealed, "The sealed key", holds_key=False)
        await self.app.push_screen_wait(MessageDialog(f"Sealed to {recipient.name}", sealed.splitlines()))


def _recipient(typed: str) -> None:
    """Raises ValidationError where nothing can be sealed to it."""
    try:
        recipients.parse(typed)
    except UsageError as error:
        raise ValidationError("recipient", f"{error.message}: {error.hint}") from None


def _line(name: str, value: str | Callable[[], str]) -> Content:
    return Content.assemble((f"{name:<13}", "$text-muted"), value if isinstance(value, str) else value())


def _settings(token: TokenRecord, context: Context) -> Iterator[tuple[str, str | Callable[[], str]]]:
    """Each with its value, or what gives its value as time passes."""
    yield "ID", token.label
    yield "Name", safe_text(token.name)
    yield "External ID", safe_text(token.external_id or "—")
    yield "Owner", safe_text(token.owner or "—")
    yield "Description", safe_text(token.description.replace("\n", " ")) or "—"
    yield "Expires", partial(_expiry, token, context)
    yield "Extension", safe_text(wording.extension_text(token))
    yield "Permissions", "All Modules" if token.all_modules else safe_text(", ".join(token.modules))
    yield "Networks", safe_text(", ".join(token.networks)) or "any"


def _expiry(token: TokenRecord, context: Context) -> str:
    expires = wording.exact(token.expires_at, context.zone)
    return expires if token.expires_at is None else f"{expires}, {wording.relative(token.expires_at, context.now())}"
