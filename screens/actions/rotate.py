"""The window of a rotation: how long the old key goes on working, and a new expiry where one is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tokentui import validation
from tokentui.context import Context
from tokentui.records import Issued, Status
from tokentui.screens.actions.issue import IssueDialog
from tokentui.screens.actions.overlap import DIGITS, OverlapField
from tokentui.screens.widgets.field import Field
from tokentui.tokens.policy import TokenPolicy
from tokentui.tokens.secrets import Keep, rotate_token
from tokentui.ui import wording


class RotateDialog(IssueDialog):
    """Asks how one token is rotated; answers with the new key, or None."""

    VERB = "Rotate"
    BINDINGS = [*DIGITS]

    def compose_form(self) -> ComposeResult:
        """The overlap, then the expiry, which is kept where nothing is typed."""
        yield Static(f"{self.token.label} gets a new key. The old one goes on working", markup=False)
        yield OverlapField()
        hint = "needed, as the token is expired" if self._is_expired() else "as it is, or 90d, 2026-12-31, never"
        yield Field("expires", "New expiry", placeholder=hint)

    @on(OverlapField.Changed)
    @on(Field.Changed)
    def changed_form(self) -> None:
        """Says anew what will happen."""
        self.update()

    def action_choose(self, number: int) -> None:
        """A digit chooses an overlap."""
        self.query_one(OverlapField).choose(number)

    def effect(self) -> Iterator[str]:
        """When the old key stops; when the token expires."""
        now, zone, token = self.context.now(), self.context.zone, self.token
        expires = self._expires()
        stops = now + self.query_one(OverlapField).overlap
        if token.expires_at is not None:
            stops = min(stops, token.expires_at)
        if stops > now:
            yield f"The old key stops {wording.exact(stops, zone)} ({wording.relative(stops, now)})."
        else:
            yield "The old key stops at once."
        moment = token.expires_at if isinstance(expires, Keep) else expires
        yield f"The token expires: {wording.exact(moment, zone)}"

    def service(self) -> Callable[[Context], Issued]:
        """The rotation of the token that is shown; another operator's change since is told, not overwritten."""
        overlap, expires, token = self.query_one(OverlapField).overlap, self._expires(), self.token
        return lambda context: rotate_token(
            context, token.id, overlap=overlap, expires=expires, expected_version=token.version
        )

    def _is_expired(self) -> bool:
        """Also one that expires while the window is open."""
        status, expires = self.token.status, self.token.expires_at
        late = status in (Status.ACTIVE, Status.EXPIRING) and expires is not None and expires <= self.context.now()
        return status is Status.EXPIRED or late

    def _expires(self) -> datetime | Keep | None:
        typed = self.query_one("#field-expires", Field).value.strip()
        if not typed:
            if self._is_expired():
                raise validation.ValidationError("expires", "a new expiry is needed: the token is expired")
            return Keep.EXPIRY
        now = self.context.now()
        moment = validation.when(typed, now=now, zone=self.context.zone)
        TokenPolicy.of(self.context.settings).check_expiry(moment, now=now)
        return moment
