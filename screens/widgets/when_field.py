"""Choosing an expiry: presets with their dates, a moment of one's own and what it comes to, or never with a warning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tokentui.screens.token_form.draft import CUSTOM, NEVER, Draft
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.ui import wording
from tokentui.validation import ValidationError


class WhenField(Vertical):
    """Edits the expiry of a draft."""

    @dataclass
    class Changed(Message):
        """The expiry is another, or another part of one was typed."""

        expiry: str
        """A preset's name, `custom` or `never`."""
        custom: str
        """What was typed."""

    def __init__(self, draft: Draft, limits: DraftLimits) -> None:
        super().__init__()
        self._draft = draft
        self._limits = limits

    def compose(self) -> ComposeResult:
        yield Choice(self._options(), self._draft.expiry, id="when-choice")
        with Vertical(id="when-custom"):
            yield Field("expires", "Date", self._draft.custom, placeholder="2026-12-31, 2026-12-31T12:00 or +45d")
            yield Static("", id="when-moment", markup=False)

    def on_mount(self) -> None:
        self.show(self._draft)

    def set_limits(self, limits: DraftLimits) -> None:
        """The clock has gone on: shows what the choice comes to now, once in a minute."""
        before, self._limits = self._limits, limits
        if before.now.replace(second=0, microsecond=0) != limits.now.replace(second=0, microsecond=0):
            self.query_one(Choice).relabel(dict(self._options()))
            self.show(self._draft)

    def show(self, draft: Draft, *, at_once: bool = False) -> None:
        """The moment, or what is wrong with it; `at_once` shows an error also where the input was not left yet."""
        self._draft = draft
        field = self.query_one(Field)
        field.display = draft.expiry == CUSTOM
        line = self.query_one("#when-moment", Static)
        line.set_class(draft.expiry == NEVER, "-warning")
        try:
            moment = draft.expires_at(self._limits)
        except ValidationError as error:
            field.show_error(error.message, at_once=at_once or bool(draft.custom.strip()))
            line.update("")
            return
        field.show_error("")
        if moment is None:
            line.update(Content("⚠ It works until somebody disables or deletes it. Prefer an expiry, and renew."))
        else:
            exact = wording.exact(moment, self._limits.zone)
            line.update(Content(f"{exact}, {wording.relative(moment, self._limits.now)}"))

    @on(Choice.Changed)
    def choose(self, event: Choice.Changed) -> None:
        event.stop()
        self._post(replace(self._draft, expiry=event.value))

    @on(Field.Changed)
    def type_moment(self, event: Field.Changed) -> None:
        """Posts a moment of one's own."""
        event.stop()
        self._post(replace(self._draft, custom=event.value))

    @on(Choice.Submitted)
    def submit(self, event: Choice.Submitted) -> None:
        """Enter on Custom goes into its input; elsewhere it is the host's."""
        if self._draft.expiry == CUSTOM:
            event.stop()
            self.query_one(Field).focus_input()

    def _post(self, draft: Draft) -> None:
        self.show(draft)
        self.post_message(self.Changed(draft.expiry, draft.custom))

    def _options(self) -> list[tuple[str, Content]]:
        options = [
            (name, Content(f"{name:<8} → {self._day_after(lifetime)}")) for name, lifetime in self._limits.presets()
        ]
        options.append((CUSTOM, Content("Custom: a date, or a time from now")))
        if self._limits.policy.may_be_perpetual:
            options.append((NEVER, Content("Never (perpetual)")))
        return options

    def _day_after(self, lifetime: timedelta) -> str:
        return wording.weekday_text((self._limits.now + lifetime).astimezone(self._limits.zone).date())
