"""How long an old key goes on working: a few usual times, or one of the operator's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from tokentui import validation
from tokentui.context import Context
from tokentui.screens.base import TICK_S, context_of
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.field import Field
from tokentui.ui.wording import day_month

_CUSTOM = "custom"
OVERLAPS: tuple[tuple[str, str, timedelta | None], ...] = (
    ("0", "not at all, it stops at once", timedelta(0)),
    ("1", "for 15 minutes", timedelta(minutes=15)),
    ("2", "for 1 hour", timedelta(hours=1)),
    ("3", "for 24 hours", timedelta(hours=24)),
    (_CUSTOM, "for a time of your own", None),
)
"""Name (and the digit that chooses it), words, time."""

DIGITS = [Binding(str(number), f"choose({number})", words, show=False) for number, (_, words, _) in enumerate(OVERLAPS)]
"""For the window around: a digit chooses, wherever the focus is."""


class OverlapField(Vertical):
    """Edits an overlap. `overlap` gives it or says what is wrong with it."""

    _shown: list[tuple[str, Content]] | None = None

    class Changed(Message):
        """Another overlap, or another part of one that is being typed."""

    def compose(self) -> ComposeResult:
        yield Choice(self._options(), OVERLAPS[0][0], id="overlap-choice")
        field = Field("overlap", "Time", placeholder="90m, 2h, 3d")
        field.display = False
        yield field

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self._relabel)

    def _relabel(self) -> None:
        """Time goes on, and the moments with it."""
        if (options := self._options()) != self._shown:
            self._shown = options
            self.query_one(Choice).relabel(dict(options))

    def _options(self) -> list[tuple[str, Content]]:
        """Each time with its number, and the moment at which it would end."""
        context = context_of(self.app)
        now = context.now()
        return [
            (
                name,
                Content(
                    f"{number}  {words}" if not time else f"{number}  {words:<14} → {_moment(now + time, context)}"
                ),
            )
            for number, (name, words, time) in enumerate(OVERLAPS)
        ]

    @property
    def overlap(self) -> timedelta:
        """The chosen time; raises ValidationError."""
        value = self.query_one(Choice).value
        for name, _, time in OVERLAPS:
            if name == value and time is not None:
                return time
        typed = self.query_one(Field).value
        if not typed.strip():
            raise validation.ValidationError("overlap", "a time is needed, such as 2h")
        return validation.duration(typed, field="overlap")

    def choose(self, number: int) -> None:
        """Chooses a line by its number."""
        self.query_one(Choice).highlighted = number

    @on(Choice.Changed)
    def chosen(self, event: Choice.Changed) -> None:
        event.stop()
        field = self.query_one(Field)
        field.display = event.value == _CUSTOM
        if field.display:
            field.focus_input()
        self.post_message(self.Changed())

    @on(Field.Changed)
    def typed(self, event: Field.Changed) -> None:
        """A time of one's own."""
        event.stop()
        self.post_message(self.Changed())

    @on(Choice.Submitted)
    def taken(self, event: Choice.Submitted) -> None:
        """Enter goes on to what comes next."""
        event.stop()
        self.screen.focus_next()


def _moment(moment: datetime, context: Context) -> str:
    local = moment.astimezone(context.zone)
    return f"{day_month(local.date())} {local:%H:%M}"
