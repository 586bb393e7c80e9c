"""How many tokens have each status; the one that is shown stands out, a digit or a click shows another."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tokentui.records import Status
from tokentui.screens.base import keys_of
from tokentui.ui.wording import SHAPES, thousands

_SPACE = 5 * len((None, *Status))
"""Cells of all counts beside name and number: padding, key, blanks."""


class StatusCount(Static):
    """`2 Expiring 6`; knows which status it stands for (None: all)."""

    def __init__(self, status: Status | None) -> None:
        super().__init__(classes="status-count")
        self.status = status
        self.number = 0
        self.command = f"tokens.show_{status or 'all'}"

    def show(self, number: int, *, short: bool = False) -> None:
        """Shows how many there are; `short` with the status's shape for its name."""
        self.number = number
        name = "All" if self.status is None else self.status.value.capitalize()
        if short and self.status is not None:
            name = SHAPES[self.status]
        self.update(
            Content.assemble(
                (f"{keys_of(self.app).first(self.command)} ", "dim"), f"{name} ", (thousands(number), "bold")
            )
        )

    def on_click(self) -> None:
        """Shows this status alone."""
        self.post_message(StatusLine.Chosen(self.status))


class StatusLine(Horizontal):
    """`0 All 128   1 Active 97   …`."""

    @dataclass
    class Chosen(Message):
        """A status was clicked."""

        status: Status | None
        """Which one; None is all."""

    _marks = ""

    def compose(self) -> ComposeResult:
        for status in (None, *Status):
            yield StatusCount(status)
        yield Static("", id="marks", markup=False)

    def show(self, counts: dict[Status, int], chosen: Status | None) -> None:
        """Shows the counts, and which status the table shows."""
        for count in self.query(StatusCount):
            # Deleted tokens are seen under their own status alone.
            everything = sum(counts.values()) - counts[Status.DELETED]
            count.show(everything if count.status is None else counts[count.status], short=self._is_short)
            count.set_class(count.status is chosen, "-chosen")

    def show_marks(self, marks: int, hidden: int) -> None:
        """Says how many tokens are marked, and how many of them the list does not show."""
        text = f"{thousands(marks)} marked" if marks else ""
        self._marks = f"{text} ({thousands(hidden)} hidden)" if hidden else text
        self.query_one("#marks", Static).update(self._marks)
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    @property
    def _is_short(self) -> bool:
        """Whether shapes stand for names, so that the marks have room."""
        names = sum(len(status.value) for status in Status) + len("All")
        numbers = sum(len(thousands(count.number)) for count in self.query(StatusCount))
        return bool(self._marks) and names + numbers + _SPACE + len(self._marks) + 2 > self.size.width

    def _fit(self) -> None:
        short = self._is_short
        for count in self.query(StatusCount):
            count.show(count.number, short=short)
