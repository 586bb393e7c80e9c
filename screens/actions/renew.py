"""The window of a renewal: a new expiry, and whether the key stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokentui.context import Context
from tokentui.records import Catalog, Issued, TokenRecord
from tokentui.screens.actions.issue import IssueDialog
from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.when_field import WhenField
from tokentui.tokens.secrets import renew_token
from tokentui.ui import wording

_NEW, _KEEP = "new", "keep"


class RenewDialog(IssueDialog):
    """Renews one token, which has an expiry."""

    VERB = "Renew"

    def __init__(self, token: TokenRecord, context: Context) -> None:
        super().__init__(token)
        self._limits = DraftLimits.of(context, Catalog((), ()))
        self._draft = Draft.new(self._limits, context.settings.default_lifetime)

    def compose_form(self) -> ComposeResult:
        """The expiry as the wizard asks it, then the key."""
        yield Static(
            f"{self.token.label} expires: {wording.exact(self.token.expires_at, self.context.zone)}", markup=False
        )
        yield WhenField(self._draft, self._limits)
        yield Choice([(_NEW, Content("A new key")), (_KEEP, Content("Keep the key as it is"))], _NEW, id="key-choice")

    def effect(self) -> Iterator[str]:
        """What becomes of the old key, counted from now rather than from when the window was opened."""
        self._limits = replace(self._limits, now=self.context.now())
        self.query_one(WhenField).set_limits(self._limits)
        return self._effect()

    @on(WhenField.Changed)
    def choose_expiry(self, event: WhenField.Changed) -> None:
        """Says anew what the chosen expiry comes to."""
        self._draft = replace(self._draft, expiry=event.expiry, custom=event.custom)
        self.update()

    @on(Choice.Changed)
    def choose_key(self) -> None:
        """Another key, or the same."""
        self.update()

    @on(Choice.Submitted)
    def go_on(self) -> None:
        """Enter goes on to what comes next."""
        self.focus_next()

    @property
    def _keeps_key(self) -> bool:
        return self.query_one("#key-choice", Choice).value == _KEEP

    def _effect(self) -> Iterator[str]:
        new, old, now = self._draft.expires_at(self._limits), self.token.expires_at, self.context.now()
        if self._keeps_key:
            yield "The key stays as it is and works until the new expiry."
        elif old is not None and old > now:
            stops = old if new is None else min(old, new)
            yield f"A new key is made; the old one stops {wording.exact(stops, self.context.zone)}."
        else:
            yield "A new key is made; the old one has stopped already."
        if old is not None and new is not None and new < old:
            yield "Mind that the token expires earlier than now."

    def service(self) -> Callable[[Context], Issued]:
        """The renewal, counted from now rather than from when the window was opened."""
        limits = replace(self._limits, now=self.context.now())
        expires, keep, token = self._draft.expires_at(limits), self._keeps_key, self.token
        return lambda context: renew_token(
            context, token.id, expires_at=expires, keep_key=keep, expected_version=token.version
        )
