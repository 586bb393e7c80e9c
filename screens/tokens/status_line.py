"""How many tokens have each status; the one that is shown stands out, a digit or a click shows another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tokentui.records import Status
from tokentui.screens.base import keys_of
from tokentui.ui.wording import SHAPES, thousands

_PADDING = 2


class LabelForm(IntEnum):
    """How a count is written; the later ones take less room."""

    NAME = 0
    SHAPE = 1
    TIGHT = 2


class StatusCount(Static):
    """`2 Expiring 6`; knows which status it stands for (None: all that are not deleted)."""

    def __init__(self, status: Status | None) -> None:
        super().__init__(classes="status-count", markup=False)
        self.status = status
        self.number = 0
        self.command = f"tokens.show_{status or 'all'}"
        self._content, self._muted = Content(), ""

    def text(self, form: LabelForm) -> tuple[str, str, str]:
        """Key, name and number as they are written in a form."""
        key, number = keys_of(self.app).first(self.command), thousands(self.number)
        name = "All" if self.status is None else self.status.value.capitalize()
        if form is not LabelForm.NAME and self.status is not None:
            name = SHAPES[self.status]
        if form is LabelForm.TIGHT:
            return key, "" if self.status is None else name, number
        return f"{key} ", f"{name} ", number

    def show(self, form: LabelForm) -> None:
        """Writes the count in as much room as the form says."""
        key, name, number = self.text(form)
        # Muted, the key of the chosen one could not be told from what it stands on.
        muted = "" if self.has_class("-chosen") else "$text-muted"
        content = Content.assemble((key, muted), name, (number, "bold"))
        if content != self._content or muted != self._muted:
            self._content, self._muted = content, muted
            self.update(content)

    def on_click(self) -> None:
        self.post_message(StatusLine.Chosen(self.status))


class StatusLine(Horizontal):
    """`0 All 128   1 Active 97   …   2 marked (1 hidden)`."""

    @dataclass
    class Chosen(Message):
        """A status was clicked."""

        status: Status | None
        """The status; None stands for all tokens that are not deleted."""

    _marks = ""

    def compose(self) -> ComposeResult:
        for status in (None, *Status):
            yield StatusCount(status)
        yield Static("", id="marks", markup=False)

    def show(self, counts: dict[Status, int], chosen: Status | None) -> None:
        """Shows the counts, and which status the table shows."""
        for count in self.query(StatusCount):
            count.number = all_count(counts) if count.status is None else counts[count.status]
            count.set_class(count.status is chosen, "-chosen")
        self._fit()

    def show_marks(self, marks: int, hidden: int) -> None:
        """Says how many tokens are marked, and how many of them the list does not show."""
        text = f"{thousands(marks)} marked" if marks else ""
        text = f"{text} ({thousands(hidden)} hidden)" if hidden else text
        if text != self._marks:
            self._marks = text
            self.query_one("#marks", Static).update(text)
            self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Writes the counts as long as there is room, with the marks whole."""
        counts = list(self.query(StatusCount))
        room = self.size.width - (len(self._marks) + _PADDING if self._marks else 0)
        for form in LabelForm:
            padding = 0 if form is LabelForm.TIGHT else _PADDING
            if sum(len("".join(count.text(form))) + max(1, padding) for count in counts) <= room:
                break
        self.set_class(form is LabelForm.TIGHT, "-tight")
        for count in counts:
            count.show(form)


def all_count(counts: dict[Status, int]) -> int:
    """How many tokens the list has without a filter: all but the deleted ones."""
    return sum(number for status, number in counts.items() if status is not Status.DELETED)
