"""What the General tab is made of: boxes with a title, and rows of a label and a value in them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static


class Box(Vertical, can_focus=True):
    """A part of the tab under a title of its own. Its frame is lit where it has the focus: Tab goes to the next."""

    def __init__(self, title: str, *parts: Widget, id: str) -> None:
        super().__init__(*parts, id=id, classes="box")
        self.border_title = title


class Row(Horizontal):
    """A label and a value; without a value it takes no room."""

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(id=id, classes="row")
        self._label = label
        self._value = ""

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="row-label", markup=False)
        yield Static(self._value, classes="row-value", markup=False)

    def say(self, value: str) -> None:
        """Shows a value as plain text."""
        self.display = bool(value)
        if value == self._value:
            return
        self._value = value
        for line in self.query(".row-value").results(Static):
            line.update(value)
