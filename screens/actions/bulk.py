"""An action on many tokens: a preview of what will happen to each, how far it is, then what happened."""

from __future__ import annotations

import heapq
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from tokentui import validation
from tokentui.crypto.key_format import format_id
from tokentui.errors import TokentuiError
from tokentui.records import Action, BulkRefusal, BulkResult, Plan, TokenRecord
from tokentui.screens.actions.overlap import DIGITS, OverlapField
from tokentui.screens.dialogs import Dialog
from tokentui.screens.widgets.field import Field
from tokentui.screens.widgets.timed_text import TimedText
from tokentui.styles import sheets
from tokentui.tokens import bulk
from tokentui.tokens.progress import Progress
from tokentui.ui import wording
from tokentui.ui.bulk_wording import sums, tokens
from tokentui.ui.text import fit, safe_text
from tokentui.validation import ValidationError

SHOWN = 200
"""Tokens listed one by one; the rest is a number. Nobody reads further, and a million lines would not fit in memory."""

MOST_WITHOUT_TYPING = 10
"""Tokens that are acted on after a press of a button; for more the number is typed."""

_WINDOW, _FRAME = 72, 8
"""Cells of the window, where the screen has them, and those of its frame, padding and scrollbar."""

_NAME, _LEAST_NAME = 26, 10
"""Cells of a name, at most and at least."""

_ID_AND_USE = 33
"""Cells of `  SU-631-646-036  used 38 min ago`; the ID is left out where a name has not its least beside them."""

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


class BulkPreview(Dialog[BulkResult]):
    """Lists the tokens of a plan and what will happen to them, and those that are left alone and why; then does it.

    Answers with what was done, or None. The service runs while the window is open: a bar shows how far it is, and where
    it is stopped or fails, the reason stands there and nothing typed is lost.
    """

    CSS_PATH = sheets("dialogs", "actions")
    BINDINGS = [*DIGITS]

    def __init__(
        self,
        plan: Plan,
        hidden: frozenset[int] = frozenset(),
        late: Callable[[BulkResult], object] = lambda result: None,
    ) -> None:
        """`hidden` are the IDs of tokens that the list behind does not show.

        `late` hears of what was done after nobody waited for it any longer.
        """
        super().__init__(classes=f"-{plan.action}")
        self.has_fields = plan.action in (Action.ROTATE, Action.RENEW) or len(plan.tokens) > MOST_WITHOUT_TYPING
        self.plan = plan
        self._planned = plan
        self._hidden = hidden
        self._summed: tuple[Plan, date, Content] | None = None
        self._lists = self._lists_of(plan)
        self._late = late
        self._working = False

    def title_text(self) -> str:
        """The action and how many."""
        verb = "Extend" if self.plan.action is Action.RENEW else self.plan.action.value.capitalize()
        return f"{verb} {tokens(len(self.plan.tokens))}?"

    def compose_body(self) -> ComposeResult:
        plan = self._planned
        with VerticalScroll(classes="dialog-text"):
            yield TimedText(self._sums, classes="dialog-heading")
            yield TimedText(lambda: Content("\n").join(part() for part in self._lists))
        if plan.action is Action.ROTATE and plan.tokens:
            yield Static("The old keys go on working", markup=False)
            yield OverlapField()
        if plan.action is Action.RENEW and plan.tokens:
            yield Field("extend", "Extend by", "90d", placeholder="30d, 6w, 1y")
        if len(plan.tokens) > MOST_WITHOUT_TYPING:
            yield Input(id="bulk-number", compact=True)
        yield Static("", id="bulk-error", classes="error", markup=False)

    def compose_buttons(self) -> ComposeResult:
        """Cancel first; nothing else where nothing would be done."""
        yield Button("Cancel" if self._planned.tokens else "Close", id="leave")
        if self._planned.tokens:
            yield Button("", id="confirm", variant="primary" if self.plan.action in _GENTLE else "error")

    def on_mount(self) -> None:
        """What will happen as things stand."""
        self.change_extension()

    @on(Field.Changed)
    def change_extension(self) -> None:
        """By how much a renewal extends decides which tokens it leaves alone."""
        try:
            extend = self._extension()
        except ValidationError:
            return  # half typed; said where it is confirmed
        self.plan = bulk.plan_extension(self.context, self._planned, extend)
        self._show_plan()

    def _extension(self) -> timedelta:
        """Zero where none is asked for; raises ValidationError."""
        for field in self.query("#field-extend").results(Field):
            return validation.duration(field.value, field="extend")
        return timedelta(0)

    def _show_plan(self) -> None:
        plan, number = self.plan, len(self.plan.tokens)
        self.query_one(".dialog").border_title = Content(self.title_text())
        self._lists = self._lists_of(plan)
        for text in self.query(TimedText):
            text.look()
        for button in self.query("#confirm").results(Button):
            button.label = Content(f"{plan.action.value.capitalize()} {wording.thousands(number)}")
            button.disabled = not number
        for typed in self.query("#bulk-number").results(Input):
            typed.display = number > MOST_WITHOUT_TYPING
            typed.placeholder = f"type {number} to confirm"
        self._refuse("")

    def on_resize(self) -> None:
        """The lists follow the window's width."""
        for text in self.query(TimedText):
            text.look()

    def _sums(self) -> Content:
        """Counted once a day: there may be a million tokens, and "today" is all that changes by itself."""
        plan, now, zone = self.plan, self.context.now(), self.context.zone
        today = now.astimezone(zone).date()
        if self._summed is None or self._summed[0] is not plan or self._summed[1] != today:
            self._summed = plan, today, Content(sums(plan, now, zone))
        return self._summed[2]

    def _lists_of(self, plan: Plan) -> list[Callable[[], Content]]:
        """What gives each list as time passes."""
        hidden = self._hidden
        out_of_sight = [token for token in plan.tokens if token.id in hidden]
        in_sight = [token for token in plan.tokens if token.id not in hidden] if hidden else plan.tokens
        lists = []
        if out_of_sight:
            lists.append(
                _token_list(f"{tokens(len(out_of_sight))} hidden by the filter or status:", out_of_sight, self)
            )
        if in_sight:
            lists.append(_token_list(f"These {_EFFECT[plan.action]}:", in_sight, self))
        if plan.refused:
            gap = "\n" if lists else ""
            heading = f"{gap}{tokens(len(plan.refused))} left alone:"
            lists.append(lambda: _list(heading, refusal_lines(plan.refused, self.app.size.width)))
        return lists

    def action_choose(self, number: int) -> None:
        """A digit chooses an overlap."""
        for field in self.query(OverlapField):
            field.choose(number)

    @on(Input.Submitted, "#bulk-number")
    @on(Button.Pressed, "#confirm")
    def confirm(self) -> None:
        """Does it, unless a time is wrong or the number was not typed."""
        time = timedelta(0)
        try:
            for typed in self.query("#bulk-number").results(Input):
                if typed.display and typed.value.strip() != str(len(self.plan.tokens)):
                    self.set_focus(typed)
                    raise ValidationError("number", f"type {len(self.plan.tokens)} to confirm")
            for field in self.query(OverlapField):
                time = field.overlap
            time = self._extension() if self.plan.action is Action.RENEW else time
        except ValidationError as error:
            self._refuse(error.message)
        else:
            if not self._working:
                self._apply(time)

    @work(exclusive=True, group="bulk")
    async def _apply(self, time: timedelta) -> None:
        action, progress, focused = self.plan.action, Progress(len(self.plan.tokens)), self.focused
        ids = [token.id for token in self._planned.tokens] + [refusal.id for refusal in self._planned.refused]
        self._at_work(True)
        try:
            self.dismiss(
                await self.change(
                    lambda context: bulk.apply(
                        context, action, ids, partial=True, overlap=time, extend=time, progress=progress
                    ),
                    late=self._late,
                    progress=progress,
                )
            )
        except (TokentuiError, ValidationError) as error:
            self._at_work(False)
            self.set_focus(focused)
            self._refuse(str(error))

    def _at_work(self, working: bool) -> None:
        self._working = working
        for widget in (*self.query(Button), *self.query(Input)):
            widget.disabled = working

    def _refuse(self, reason: str) -> None:
        line = self.query_one("#bulk-error", Static)
        line.update(reason)
        line.display = bool(reason)

    def action_back(self) -> None:
        """Leaves; stops what is being done."""
        if self._working:
            self.give_up()
        else:
            self.dismiss(None)


def result_lines(outcome: BulkResult, screen_width: int) -> list[str]:
    """What is to be said of an action beyond how many: where to find new keys, and each refusal with its reason.

    The lines fit into a window on a screen of so many cells.
    """
    lines = []
    if outcome.issued:
        lines += ["Each has a new key: v in its details shows it, `tokentui key ID` prints it.", ""]
    if outcome.refused:
        lines += [f"{tokens(len(outcome.refused))} left alone:", *refusal_lines(outcome.refused, screen_width)]
    return lines


def refusal_lines(refused: Sequence[BulkRefusal], screen_width: int) -> list[str]:
    """For each token which, and why it is left alone, in a window on a screen of so many cells."""
    room = _room(screen_width)
    return list(_limited((_refusal_line(refusal, room) for refusal in refused), len(refused)))


def _room(screen_width: int) -> int:
    """Cells of a line in the window, after the two that it is set in."""
    return min(_WINDOW, screen_width) - _FRAME - 2


def _list(heading: str, lines: Iterable[str]) -> Content:
    return Content.assemble((heading, "bold"), "\n", "\n".join(lines))


def _refusal_line(refusal: BulkRefusal, room: int) -> str:
    name = safe_text(refusal.name) or format_id(refusal.id)
    reason = refusal.reason.removeprefix(f"{format_id(refusal.id)} ")
    width = min(_NAME, max(_LEAST_NAME, room // 2 - 1))
    indent = "\n" + " " * (width + 4)
    return f"  {fit(name, width)}  {indent.join(textwrap.wrap(reason, max(_LEAST_NAME, room - width - 2)))}"


def _token_list(heading: str, shown: Sequence[TokenRecord], dialog: BulkPreview) -> Callable[[], Content]:
    """What gives the heading and the lines of these tokens as time passes."""
    first = heapq.nsmallest(SHOWN, shown, key=_most_recently_used_first)

    def lines() -> Content:
        room = _room(dialog.app.size.width)
        return _list(heading, _limited(_token_lines(first, dialog.context.now(), room), len(shown)))

    return lines


def _token_lines(shown: Sequence[TokenRecord], now: datetime, room: int) -> Iterator[str]:
    has_id = room - _ID_AND_USE >= _LEAST_NAME
    name = min(_NAME, max(_LEAST_NAME, room - (_ID_AND_USE if has_id else _ID_AND_USE - 16)))
    for token in shown:
        used = "never used" if token.last_used_at is None else f"used {wording.relative(token.last_used_at, now)}"
        yield f"  {fit(safe_text(token.name), name)}  {f'{token.label}  ' if has_id else ''}{used}"


def _most_recently_used_first(token: TokenRecord) -> tuple[float, str]:
    used = token.last_used_at
    return (-used.timestamp() if used else float("inf"), token.name.casefold())


def _limited(lines: Iterator[str], number: int) -> Iterator[str]:
    for _, line in zip(range(SHOWN), lines, strict=False):
        yield line
    if number > SHOWN:
        yield f"  +{wording.thousands(number - SHOWN)} more"
