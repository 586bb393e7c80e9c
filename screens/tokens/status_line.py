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
from tokentui.ui.wording import thousands


class StatusCount(Static):
    """`2 Expiring 6`; knows which status it stands for (None: all)."""

    def __init__(self, status: Status | None) -> None:
        super().__init__(classes="status-count")
        self.status = status
        self.command = f"tokens.show_{status or 'all'}"

    def show(self, number: int) -> None:
        """Shows how many there are."""
        name = "All" if self.status is None else self.status.value.capitalize()
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

    def compose(self) -> ComposeResult:
        """One count each."""
        for status in (None, *Status):
            yield StatusCount(status)

    def show(self, counts: dict[Status, int], chosen: Status | None) -> None:
        """Shows the counts, and which status the table shows."""
        for count in self.query(StatusCount):
            count.show(sum(counts.values()) if count.status is None else counts[count.status])
            count.set_class(count.status is chosen, "-chosen")
