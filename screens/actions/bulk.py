"""An action on many tokens: a preview of what will happen to each, then what happened."""

from __future__ import annotations

import heapq
import textwrap
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from tokentui import validation
from tokentui.crypto.key_format import format_id
from tokentui.records import Action, BulkRefusal, BulkResult, Plan, TokenRecord
from tokentui.screens.actions.overlap import DIGITS, OverlapField
from tokentui.screens.dialogs import Dialog
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.timed_text import TimedText
from tokentui.styles import sheets
from tokentui.ui import wording
from tokentui.ui.bulk_wording import sums, tokens
from tokentui.ui.text import fit, safe_text
from tokentui.validation import ValidationError

SHOWN = 200
"""Tokens listed one by one; the rest is a number. Nobody reads further, and a million lines would not fit in memory."""

MOST_WITHOUT_TYPING = 10
"""Tokens that are acted on after a press of a button; for more the number is typed."""

_NAME, _REASON = 26, 34
"""Cells of a line: the name, and a reason beside it in the narrowest window."""

_EFFECT = {
    Action.ENABLE: "work again, with the keys they have",
    Action.DISABLE: "stop working at their next request; they can be enabled again",
    Action.ROTATE: "get a new secret",
    Action.RENEW: "work for longer, with the keys they have",
    Action.DELETE: "stop working at their next request; they can be restored",
    Action.RESTORE: "are brought back",
    Action.PURGE: "are removed for good, with their statistics",
}

_GENTLE = (Action.ENABLE, Action.RESTORE, Action.RENEW)


class BulkPreview(Dialog[timedelta]):
    """Lists the tokens of a plan and what will happen to them, and those that are left alone and why.

    Answers None where it is not to be done, else with a time: the overlap of a rotation, the extension of a renewal.
    """

    CSS_PATH = sheets("dialogs", "actions")
    BINDINGS = [*DIGITS]

    def __init__(self, plan: Plan, hidden: frozenset[int] = frozenset()) -> None:
        """`hidden` are the IDs of tokens that the list behind does not show."""
        super().__init__(classes="-rotate" if plan.action is Action.ROTATE else None)
        self.plan = plan
        self._hidden = tuple(token for token in plan.tokens if token.id in hidden)
        self._summed: tuple[date, Content] | None = None
        self._visible = tuple(token for token in plan.tokens if token.id not in hidden)

    def title_text(self) -> str:
        """The action and how many."""
        verb = "Extend" if self.plan.action is Action.RENEW else self.plan.action.value.capitalize()
        return f"{verb} {tokens(len(self.plan.tokens))}?"

    def compose_body(self) -> ComposeResult:
        plan = self.plan
        with VerticalScroll(classes="dialog-text"):
            yield TimedText(self._sums, classes="dialog-heading bulk-sums")
            if self._hidden:
                heading = f"{tokens(len(self._hidden))} hidden by the filter or status:"
                yield Static(Content(heading), classes="dialog-heading bulk-hidden")
                yield TimedText(_token_text(self._hidden, self))
            if self._visible:
                yield Static(Content(f"These {_EFFECT[plan.action]}:"), classes="dialog-heading")
                yield TimedText(_token_text(self._visible, self))
            if plan.refused:
                heading = f"{tokens(len(plan.refused))} left alone:"
                yield Static(Content(heading), classes="dialog-heading bulk-refused")
                yield Static(Content("\n".join(refusal_lines(plan.refused))))
        if plan.action is Action.ROTATE and plan.tokens:
            yield Static("The old keys go on working", markup=False)
            yield OverlapField()
        if plan.action is Action.RENEW and plan.tokens:
            yield Field("extend", "Extend by", "90d", placeholder="30d, 6w, 1y")
        if self._must_type:
            yield Input(placeholder=f"type {len(plan.tokens)} to confirm", id="bulk-number", compact=True)
        if plan.tokens and (self._must_type or plan.action in (Action.ROTATE, Action.RENEW)):
            yield Static("", classes="error", markup=False)

    def _sums(self) -> Content:
        """Counted once a day: there may be a million tokens, and "today" is all that changes by itself."""
        now, zone = self.context.now(), self.context.zone
        if self._summed is None or self._summed[0] != now.astimezone(zone).date():
            self._summed = now.astimezone(zone).date(), Content(sums(self.plan, now, zone))
        return self._summed[1]

    @property
    def _must_type(self) -> bool:
        return len(self.plan.tokens) > MOST_WITHOUT_TYPING

    def compose_buttons(self) -> ComposeResult:
        """Cancel first; nothing else where nothing would be done."""
        yield Button("Cancel" if self.plan.tokens else "Close", id="leave")
        if self.plan.tokens:
            label = f"{self.plan.action.value.capitalize()} {len(self.plan.tokens)}"
            yield Button(label, id="confirm", variant="primary" if self.plan.action in _GENTLE else "error")

    def action_choose(self, number: int) -> None:
        """A digit chooses an overlap."""
        for field in self.query(OverlapField):
            field.choose(number)

    @on(Input.Submitted, "#bulk-number")
    @on(Button.Pressed, "#confirm")
    def confirm(self) -> None:
        """Yes, unless a time is wrong or the number was not typed."""
        time = timedelta(0)
        try:
            for typed in self.query("#bulk-number").results(Input):
                if typed.value.strip() != str(len(self.plan.tokens)):
                    self.set_focus(typed)
                    raise ValidationError("number", f"type {len(self.plan.tokens)} to confirm")
            for field in self.query(OverlapField):
                time = field.overlap
            for extend in self.query("#field-extend").results(Field):
                time = validation.duration(extend.value, field="extend")
        except ValidationError as error:
            self.query_one(".error", Static).update(error.message)
        else:
            self.dismiss(time)


def result_lines(outcome: BulkResult) -> list[str]:
    """What is to be said of an action beyond how many: where to find new keys, and each refusal with its reason."""
    lines = []
    if outcome.issued:
        lines += ["Each has a new key: v in its details shows it, `tokentui key ID` prints it.", ""]
    if outcome.refused:
        lines += [f"{tokens(len(outcome.refused))} left alone:", *refusal_lines(outcome.refused)]
    return lines


def refusal_lines(refused: Sequence[BulkRefusal]) -> list[str]:
    """For each token which, and why it is left alone."""
    return list(_limited(map(_refusal_line, refused), len(refused)))


def _refusal_line(refusal: BulkRefusal) -> str:
    name = safe_text(refusal.name) or format_id(refusal.id)
    reason = refusal.reason.removeprefix(f"{format_id(refusal.id)} ")
    indent = "\n" + " " * (_NAME + 4)
    return f"  {fit(name, _NAME)}  {indent.join(textwrap.wrap(reason, _REASON))}"


def _token_text(shown: Sequence[TokenRecord], dialog: BulkPreview) -> Callable[[], Content]:
    """What gives the lines of these tokens as time passes."""
    first = heapq.nsmallest(SHOWN, shown, key=_most_recently_used_first)
    return lambda: Content("\n".join(_limited(_token_lines(first, dialog.context.now()), len(shown))))


def _token_lines(shown: Sequence[TokenRecord], now: datetime) -> Iterator[str]:
    for token in shown:
        used = "never used" if token.last_used_at is None else f"used {wording.relative(token.last_used_at, now)}"
        yield f"  {fit(safe_text(token.name), _NAME)}  {token.label}  {used}"


def _most_recently_used_first(token: TokenRecord) -> tuple[float, str]:
    used = token.last_used_at
    return (-used.timestamp() if used else float("inf"), token.name.casefold())


def _limited(lines: Iterator[str], number: int) -> Iterator[str]:
    for _, line in zip(range(SHOWN), lines, strict=False):
        yield line
    if number > SHOWN:
        yield f"  +{wording.thousands(number - SHOWN)} more"
