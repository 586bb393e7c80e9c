"""A list of a few lines of which one is chosen: the line under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Choice(OptionList):
    """`◉ 30 days`, `○ 60 days`: arrows choose, enter is left to the host (`Submitted`)."""

    @dataclass
    class Changed(Message):
        """Another line was chosen."""

        choice: Choice
        """The list in which it was chosen."""
        value: str
        """The value of the chosen line."""

    class Submitted(Message):
        """Enter or a click on a line."""

    def __init__(
        self, options: Sequence[tuple[str, Content]], chosen: str, *, name: str | None = None, id: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, compact=True)
        self._options_by_value = dict(options)
        self.value = chosen

    def on_mount(self) -> None:
        """The cursor on what is chosen."""
        self._fill()

    def relabel(self, options: Mapping[str, Content]) -> None:
        """Gives lines other texts, by their values; the choice stays."""
        self._options_by_value.update(options)
        for value in self._options_by_value:
            self.replace_option_prompt(value, self._line(value))

    def _fill(self) -> None:
        self.clear_options()
        self.add_options(Option(self._line(value), id=value) for value in self._options_by_value)
        if self.value in self._options_by_value:
            self.highlighted = list(self._options_by_value).index(self.value)

    @on(OptionList.OptionHighlighted)
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        value = event.option_id
        if value is None or value == self.value:
            return
        before, self.value = self.value, value
        for line in (before, value):
            if line in self._options_by_value:
                self.replace_option_prompt(line, self._line(line))
        self.post_message(self.Changed(self, value))

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def _line(self, value: str) -> Content:
        return Content.assemble("◉ " if value == self.value else "○ ", self._options_by_value[value])
