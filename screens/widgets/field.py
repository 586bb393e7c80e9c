"""A labelled input with room for what is wrong with it, said as soon as the input is left and not before."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static, TextArea


class Lines(TextArea):
    """A few lines of plain text; tab leaves it."""

    def __init__(self, text: str) -> None:
        super().__init__(text, tab_behavior="focus", soft_wrap=True, show_line_numbers=False)

    @dataclass
    class Left(Message):
        """The focus went elsewhere."""

    def on_blur(self, event: events.Blur) -> None:
        """TextArea has no message for it."""
        self.post_message(self.Left())


class Field(Vertical):
    """Label, input, error line. `name` is the field's name in errors."""

    @dataclass
    class Changed(Message):
        """Something was typed."""

        name: str
        """Into which field."""
        value: str
        """What stands there now."""

    def __init__(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        note: str = "",
        lines: bool = False,
        most: int = 0,
        hint: str = "",
    ) -> None:
        super().__init__(id=f"field-{name}", name=name)
        self._label = label
        self._value = value
        self._note = note
        self._lines = lines
        self._most = most
        self._hint = hint
        self._left = False
        self._error = ""

    def compose(self) -> ComposeResult:
        """Label and input side by side, the error under the input."""
        with Horizontal():
            yield Static(self._label, classes="field-label")
            yield (
                Lines(self._value)
                if self._lines
                else Input(self._value, placeholder=self._hint, compact=True, select_on_focus=False)
            )
            yield Static(self._note, classes="field-note", markup=False)
        yield Static("", classes="field-error", markup=False)

    @property
    def value(self) -> str:
        """What stands in the input."""
        return self.query_one(Lines).text if self._lines else self.query_one(Input).value

    @value.setter
    def value(self, text: str) -> None:
        if self._lines:
            self.query_one(Lines).text = text
        else:
            self.query_one(Input).value = text

    def focus_input(self) -> None:
        """Puts the cursor into the input."""
        self.screen.set_focus(self.query_one(Lines if self._lines else Input))

    def show_error(self, error: str, *, now: bool = False) -> None:
        """What is wrong, empty for nothing; shown once the input was left, or `now`."""
        self._error = error
        self._left = self._left or now
        self.query_one(".field-error", Static).update(Content(error if self._left else ""))
        self.set_class(bool(error) and self._left, "-wrong")

    def show_note(self, text: str) -> None:
        """A short text behind the input."""
        self.query_one(".field-note", Static).update(Content(text))

    def on_mount(self) -> None:
        """The counter from the start."""
        self._count()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def changed(self, event: Message) -> None:
        """Passes on what was typed."""
        event.stop()
        self._count()
        self.post_message(self.Changed(self.name or "", self.value))

    @on(Input.Blurred)
    @on(Lines.Left)
    def left(self, event: Message) -> None:
        """From now on errors show."""
        event.stop()
        self._left = True
        self.show_error(self._error)

    def _count(self) -> None:
        if self._most:
            self.show_note(f"{len(self.value)}/{self._most}")
