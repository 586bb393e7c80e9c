"""What the wizard and the edit form do alike: their frame, what failed, waiting for the database, leaving."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Button, Static

from tokentui.context import Context
from tokentui.errors import Conflict, TokentuiError
from tokentui.records import TokenRecord
from tokentui.screens.base import BaseModal, WaitingGivenUp
from tokentui.screens.commands import binding
from tokentui.screens.dialogs import Confirm
from tokentui.screens.messages import DatabaseState
from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.form_frame import FormFrame
from tokentui.screens.token_form.form_keys import FormKeys, KeyHint
from tokentui.screens.token_form.general import GeneralStep
from tokentui.screens.token_form.module_picker import ModulePicker
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.waiting import Waiting
from tokentui.tokens.reads import find_same_name
from tokentui.ui import wording

T = TypeVar("T")


class TokenFormScreen(BaseModal[ScreenResultType]):
    """A frame around the panes that fill a draft."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide"), (150, "-widest")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (24, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("app.back"),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("left", "app.focus_previous", "Previous", show=False),
    ]

    LEAVE_TITLE = ""
    LEAVE_LINE = ""

    def __init__(self) -> None:
        super().__init__()
        self.draft = Draft()
        self._attempt: threading.Event | None = None

    def compose(self) -> ComposeResult:
        with FormFrame(id="form"):
            yield from self.compose_panes()
            yield Static("", id="form-failed", markup=False)
            yield Waiting()
            yield FormKeys(id="form-keys")
            with Horizontal(id="form-buttons"):
                yield from self.compose_buttons()

    @abstractmethod
    def compose_panes(self) -> ComposeResult:
        """What is between the title and the keys."""

    @abstractmethod
    def compose_buttons(self) -> ComposeResult:
        """The buttons, the one that leaves first; `form-next` goes on."""

    @abstractmethod
    def keys_here(self) -> tuple[KeyHint, ...]:
        """The keys that work where one is."""

    @abstractmethod
    def is_changed(self) -> bool:
        """Whether something would be lost by leaving."""

    @abstractmethod
    def show_draft(self, *, at_once: bool = False) -> None:
        """Shows the draft in its panes, with what is wrong with it."""

    def show_keys(self) -> None:
        """Names the keys of where one is."""
        self.query_one(FormKeys).show_keys(*self.keys_here())

    def show_failure(self, text: str) -> None:
        """Says over the keys why it is not done; an empty text takes it away."""
        line = self.query_one("#form-failed", Static)
        line.update(Content(text))
        line.display = bool(text)

    def watch_busy(self, busy: bool) -> None:
        for waiting in self.query(Waiting):
            waiting.busy = busy and self.is_writing

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that nothing can be written while the database is away."""
        self.show_failure(f"{self.problem}. What you typed is kept." if self.problem else "")

    # Typing

    @on(StepPane.DraftChanged)
    def edit(self, event: StepPane.DraftChanged) -> None:
        """Keeps what was typed and shows what is wrong with it."""
        self.draft = replace(self.draft, **event.fields)
        self.show_failure("")
        self.show_draft()
        self.show_keys()
        if "name" in event.fields:
            self.look_for_same_name()

    def look_for_same_name(self) -> None:
        """Finds another token of the name that is typed, for a warning under it."""
        name, own = self.draft.name, self.own_token()

        def find(context: Context) -> TokenRecord | None:
            return find_same_name(context, name, other_than=None if own is None else own.id)

        def show(other: TokenRecord | None) -> None:
            for pane in self.query(GeneralStep):
                pane.warn_of_name("" if other is None else wording.same_name_text(other))

        if name.strip() and not (own is not None and own.name == name.strip()):
            self.read("same name", find, show, lambda _: show(None))
        else:
            show(None)

    def own_token(self) -> TokenRecord | None:
        """The token that is edited, which has its own name; None for a new one."""
        return None

    def action_narrow(self) -> None:
        """Goes to where a word narrows the modules."""
        for picker in self.query(ModulePicker):
            picker.action_narrow()

    # Writing

    @property
    def is_writing(self) -> bool:
        """Whether a write is under way, also one that nobody waits for any longer."""
        return self._attempt is not None and not self._attempt.is_set()

    async def write(self, service: Callable[[Context], T], late: Callable[[T], object], *, undone: str) -> T | None:
        """Runs a service that writes, and gives its result; None where it failed, with the reason on the screen.

        Everything typed is kept. `undone` says what was not done ("Nothing was made"). Raises ValidationError and
        Conflict, which a screen answers in its own way. `late` is called with the result where the operator has
        stopped waiting by then.
        """
        ended = self._attempt = threading.Event()

        def run(context: Context) -> T:
            try:
                return service(context)
            finally:
                ended.set()

        self.show_failure("")
        try:
            return await self.change(run, late)
        except Conflict:
            raise
        except TokentuiError as error:
            self.show_failure(f"{error}. {undone}; what you typed is kept.")
        except WaitingGivenUp:
            self.show_failure("You stopped waiting. If it is done after all, you are told; what you typed is kept.")
        return None

    def refuse_second_write(self) -> bool:
        """Whether another write is under way, and then says so: two would make two tokens."""
        if self.is_writing:
            self.show_failure("The database has not answered the first time yet: wait a moment.")
        return self.is_writing

    # Leaving

    def action_back(self) -> None:
        """Stops waiting for the database; else leaves, and asks first where something would be lost."""
        if not self.give_up():
            self._leave()

    @work(group="action", exclusive=True)
    async def _leave(self) -> None:
        if self.is_changed():
            leave = Confirm(self.LEAVE_TITLE, (self.LEAVE_LINE,), confirm="Leave", cancel="Go on")
            if not await self.app.push_screen_wait(leave):
                return
        self.dismiss(None)

    @on(Button.Pressed, "#form-cancel")
    def cancel(self) -> None:
        self.action_back()
