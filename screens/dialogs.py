"""Small windows over a screen: to confirm, to explain, to choose between two versions, to type one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Button, Input, Static

from tokentui.errors import Conflict as ConflictError
from tokentui.screens.base import BaseModal
from tokentui.screens.commands import binding
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.key_line import KeyEntry, KeyLine
from tokentui.screens.widgets.timed_text import TimedText
from tokentui.styles import sheets
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError

_THEIRS, _MINE = "theirs", "mine"


class Dialog(BaseModal[ScreenResultType]):
    """The frame of a small window: a title, a body, buttons; arrows move between them, escape leaves."""

    # Absolute: a relative one is looked for beside the file of each subclass.
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = sheets("dialogs")
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-low"), (24, "-middle"), (36, "-tall")]
    BINDINGS = [
        binding("app.back"),
        Binding("right,down", "app.focus_next", "Next", show=False),
        Binding("left,up", "app.focus_previous", "Previous", show=False),
    ]
    TITLE_TEXT = ""
    has_fields = False
    """Whether there is more to be filled in than the buttons."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(safe_text(self.title_text()))
            yield from self.compose_body()
            buttons = [button for button in self.compose_buttons() if isinstance(button, Button)]
            with Horizontal(classes="dialog-buttons"):
                yield from buttons
            yield KeyLine(self.key_entries([str(button.label) for button in buttons]), classes="dialog-keys")

    def key_entries(self, labels: Sequence[str]) -> list[KeyEntry]:
        """How the window is answered, which has buttons of these labels: to go back is what the first one does."""
        back, safe = self.keys.first("app.back"), labels[0].lower()
        if len(labels) == 1:
            return [KeyEntry(f"⏎ {back}", safe, "back")]
        fields = [KeyEntry("Tab", "next field", rank=1)] if self.has_fields else []
        return [KeyEntry("⏎", "press"), KeyEntry("←→", "choose"), *fields, KeyEntry(back, safe, "back")]

    @on(KeyLine.Chosen)
    def key_clicked(self, event: KeyLine.Chosen) -> None:
        event.stop()
        self.action_back()

    def title_text(self) -> str:
        """What stands in the frame."""
        return self.TITLE_TEXT

    def compose_body(self) -> ComposeResult:
        """The window's own widgets."""
        yield from ()

    def compose_buttons(self) -> ComposeResult:
        """The buttons, the safe one first: it gets the focus."""
        yield Button("Close", id="leave")

    def on_mount(self) -> None:
        """Textual calls this for every class of a window, so only `focus_first` may be overridden."""
        self.focus_first()

    def focus_first(self) -> None:
        """The safe button has the focus."""
        self.set_focus(self.query(Button).first())

    @on(Button.Pressed, "#leave")
    def leave_pressed(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        """Leaves without an answer."""
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """Asks before something is done. The answer is True only where the other than the safe button was pressed."""

    def __init__(
        self, title: str, lines: Sequence[str | Callable[[], str]], *, confirm: str, cancel: str = "Cancel"
    ) -> None:
        """A line that changes as time passes is what gives it."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._labels = (cancel, confirm)

    def title_text(self) -> str:
        return self._title

    def compose_body(self) -> ComposeResult:
        """The lines, as plain text."""
        with VerticalScroll(classes="dialog-text", can_focus=False):
            for line in self._lines:
                yield TimedText(partial(_safe_line, line))

    def compose_buttons(self) -> ComposeResult:
        """Cancel first."""
        yield Button(self._labels[0], id="leave")
        yield Button(self._labels[1], id="confirm", variant="error")

    @on(Button.Pressed, "#confirm")
    def confirm(self) -> None:
        self.dismiss(True)

    def action_back(self) -> None:
        self.dismiss(False)


def _safe_line(line: str | Callable[[], str]) -> Content:
    return Content(safe_text(line if isinstance(line, str) else line()))


class MessageDialog(Dialog[None]):
    """Says something that must not vanish like a toast does."""

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def title_text(self) -> str:
        """What it is about."""
        return self._title

    def compose_body(self) -> ComposeResult:
        """The lines, as plain text."""
        with VerticalScroll(classes="dialog-text"):
            for line in self._lines:
                yield Static(Content(safe_text(line, lines=True)))


class ChooseVersions(Dialog[frozenset[str]]):
    """Two operators changed the same fields of a token: shows both versions of each, and one of them is chosen.

    Answers the fields that are to be as the operator wanted them; None to go on editing.
    """

    has_fields = True

    def __init__(self, conflict: ConflictError) -> None:
        super().__init__()
        self._conflict = conflict

    def title_text(self) -> str:
        """Who saved the token first."""
        return self._conflict.message

    def compose_body(self) -> ComposeResult:
        """Both versions of each field that differs; what was typed is chosen at first."""
        with VerticalScroll(classes="dialog-text", can_focus=False):
            for name, (theirs, mine) in self._conflict.fields.items():
                yield Static(Content(safe_text(name.replace("_", " ").capitalize())), classes="dialog-heading")
                versions = (
                    (_THEIRS, f"theirs  {safe_text(theirs) or '—'}"),
                    (_MINE, f"yours   {safe_text(mine) or '—'}"),
                )
                yield Choice([(version, Content(line)) for version, line in versions], _MINE, name=name)

    def compose_buttons(self) -> ComposeResult:
        """Going on is the safe one."""
        yield Button("Back to editing", id="leave")
        yield Button("Save what is chosen", id="save", variant="warning")

    @on(Choice.Submitted)
    def go_on(self) -> None:
        """Enter in a field: to the next one, or to the buttons."""
        self.focus_next()

    @on(Button.Pressed, "#save")
    def save(self) -> None:
        chosen = {choice.name: choice.value for choice in self.query(Choice)}
        self.dismiss(frozenset(name for name, version in chosen.items() if name and version == _MINE))


class Prompt(Dialog[str]):
    """Asks for one line of text; `check` refuses it with a ValidationError, whose message is shown under it."""

    has_fields = True

    def __init__(self, title: str, label: str, value: str, *, confirm: str, check: Callable[[str], object]) -> None:
        super().__init__()
        self._title = title
        self._label = label
        self._value = value
        self._confirm = confirm
        self._check = check

    def title_text(self) -> str:
        """What it is for."""
        return self._title

    def compose_body(self) -> ComposeResult:
        """Label, input, and room for what is wrong."""
        yield Static(Content(self._label))
        yield Input(self._value)
        yield Static("", id="prompt-error", classes="error", markup=False)

    def compose_buttons(self) -> ComposeResult:
        """Cancel first."""
        yield Button("Cancel", id="leave")
        yield Button(self._confirm, id="confirm", variant="primary")

    def focus_first(self) -> None:
        """The text is what one came for."""
        self.set_focus(self.query_one(Input))

    @on(Input.Submitted)
    @on(Button.Pressed, "#confirm")
    def confirm(self) -> None:
        """Answers with the text, unless it is refused."""
        text = self.query_one(Input).value
        try:
            self._check(text)
        except ValidationError as error:
            self.query_one("#prompt-error", Static).update(error.message)
        else:
            self.dismiss(text)
