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
    """A few lines of plain text; tab leaves it, and so do up and down at its ends."""

    def __init__(self, text: str, *, placeholder: str = "") -> None:
        super().__init__(
            text,
            tab_behavior="focus",
            soft_wrap=True,
            show_line_numbers=False,
            placeholder=placeholder,
            highlight_cursor_line=False,
        )

    class Left(Message):
        """The focus went elsewhere."""

    def on_blur(self, event: events.Blur) -> None:
        """Posts `Left`: TextArea has no message for it."""
        self.post_message(self.Left())

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_at_last_line and not select:
            self.app.action_focus_next()
        else:
            super().action_cursor_down(select)

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_at_first_line and not select:
            self.app.action_focus_previous()
        else:
            super().action_cursor_up(select)


class Field(Vertical):
    """Label, input, and a line for what is wrong. `name` is the field's name in errors."""

    @dataclass
    class Changed(Message):
        """The text of the input was changed."""

        name: str
        """The field's name."""
        value: str
        """What stands there now."""

    def __init__(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        note: str = "",
        rows: int = 1,
        limit: int = 0,
        placeholder: str = "",
    ) -> None:
        """`rows` above 1 make an input of several lines; with a `limit` its note counts the characters."""
        super().__init__(id=f"field-{name}", name=name)
        self._label = label
        self._value = value
        self._note = note
        self._rows = rows
        self._limit = limit
        self._placeholder = placeholder
        self._was_left = False
        self._error = ""
        self._warning = ""

    def compose(self) -> ComposeResult:
        """Label and input side by side, the error under the input."""
        with Horizontal():
            yield Static(self._label, classes="field-label")
            yield self._make_input()
            yield Static(self._note, classes="field-note", markup=False)
        yield Static("", classes="field-error", markup=False)

    def _make_input(self) -> Input | Lines:
        if self._rows == 1:
            return Input(self._value, placeholder=self._placeholder, compact=True, select_on_focus=False)
        lines = Lines(self._value, placeholder=self._placeholder)
        lines.styles.height = self._rows
        return lines

    @property
    def value(self) -> str:
        """What stands in the input."""
        return self.query_one(Input).value if self._rows == 1 else self.query_one(Lines).text

    @value.setter
    def value(self, text: str) -> None:
        if self._rows == 1:
            self.query_one(Input).value = text
        else:
            self.query_one(Lines).text = text

    def focus_input(self) -> None:
        """Puts the cursor into the input."""
        self.screen.set_focus(self.query_one(Input if self._rows == 1 else Lines))
        self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_focus(self) -> None:
        """The label is lit with the input."""
        self.query_one(".field-label").add_class("-lit")

    def on_descendant_blur(self) -> None:
        self.query_one(".field-label").remove_class("-lit")

    def show_error(self, error: str, *, at_once: bool = False) -> None:
        """Says what is wrong, once the input was left or `at_once`; an empty text takes it away."""
        self._error = error
        self._was_left = self._was_left or at_once
        self._show_line()

    def show_warning(self, warning: str) -> None:
        """Says something that does not stand in the way, where there is no error."""
        self._warning = warning
        self._show_line()

    def show_note(self, text: str) -> None:
        """Shows a short text behind the input."""
        self.query_one(".field-note", Static).update(Content(text))

    def _show_line(self) -> None:
        error = self._error if self._was_left else ""
        line = self.query_one(".field-error", Static)
        line.update(Content(error or (f"⚠ {self._warning}" if self._warning else "")))
        self.set_class(bool(error), "-wrong")
        self.set_class(bool(self._warning) and not error, "-warned")

    def on_mount(self) -> None:
        self._show_count()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def pass_on(self, event: Message) -> None:
        """Posts what was typed."""
        event.stop()
        self._show_count()
        self.post_message(self.Changed(self.name or "", self.value))

    @on(Input.Blurred)
    @on(Lines.Left)
    def leave(self, event: Message) -> None:
        """The input was left: from now on errors show."""
        event.stop()
        self.show_error(self._error, at_once=True)

    def _show_count(self) -> None:
        if self._limit:
            self.show_note(f"{len(self.value)}/{self._limit}")
