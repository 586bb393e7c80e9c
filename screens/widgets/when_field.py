"""Choosing an expiry: presets, a moment of one's own with what it resolves to beside it, or never with a warning."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        """Another expiry."""

        expiry: str
        """A preset's name, `custom` or `never`."""
        custom: str
        """What was typed."""

    def __init__(self, draft: Draft, limits: DraftLimits) -> None:
        super().__init__()
        self._draft = draft
        self._limits = limits

    def compose(self) -> ComposeResult:
        """The choice, the moment, the input."""
        yield Choice(self._options(), self._draft.expiry, id="when-choice")
        yield Field("expires", "Date", self._draft.custom, hint="2026-12-31, 2026-12-31T12:00, +45d")
        yield Static("", id="when-moment", markup=False)

    def on_mount(self) -> None:
        """Shows what the choice resolves to."""
        self.show(self._draft)

    def set_limits(self, limits: DraftLimits) -> None:
        """The clock has gone on: shows what the choice is now, once in a minute."""
        before, self._limits = self._limits, limits
        if before.now.replace(second=0, microsecond=0) != limits.now.replace(second=0, microsecond=0):
            self.show(self._draft)

    def show(self, draft: Draft, *, now: bool = False) -> None:
        """The moment, or what is wrong with it; `now` shows an error also where the input was not left yet."""
        self._draft = draft
        field = self.query_one(Field)
        field.display = draft.expiry == CUSTOM
        line = self.query_one("#when-moment", Static)
        line.set_class(draft.expiry == NEVER, "-warning")
        try:
            moment = draft.expires_at(self._limits)
        except ValidationError as error:
            field.show_error(error.message, now=now or bool(draft.custom.strip()))
            line.update("")
            return
        field.show_error("")
        if moment is None:
            line.update(Content("! It works until somebody disables or deletes it. Prefer an expiry, and renew."))
        else:
            exact = wording.exact(moment, self._limits.zone)
            line.update(Content(f"{exact}, {wording.relative(moment, self._limits.now)}"))

    @on(Choice.Changed)
    def chosen(self, event: Choice.Changed) -> None:
        """Another line."""
        event.stop()
        self._post(replace(self._draft, expiry=event.value))
        if event.value == CUSTOM:
            self.query_one(Field).display = True

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        """A moment of one's own."""
        event.stop()
        self._post(replace(self._draft, custom=event.value))

    @on(Choice.Submitted)
    def taken(self, event: Choice.Submitted) -> None:
        """Enter on Custom goes into its input; elsewhere it is the host's."""
        if self._draft.expiry == CUSTOM:
            event.stop()
            self.query_one(Field).focus_input()

    def _post(self, draft: Draft) -> None:
        self.show(draft)
        self.post_message(self.Changed(draft.expiry, draft.custom))

    def _options(self) -> list[tuple[str, Content]]:
        options = [(name, Content(name)) for name, _ in self._limits.presets()]
        options.append((CUSTOM, Content("Custom: a date, or a time from now")))
        if self._limits.may_be_perpetual:
            options.append((NEVER, Content("Never (perpetual)")))
        return options
