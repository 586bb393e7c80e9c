"""What rotate and renew share: a window that issues a new key and stays open where that fails, and the key's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.records import Issued, TokenRecord
from tokentui.screens.actions.copying import copy_text
from tokentui.screens.base import TICK_S
from tokentui.screens.commands import binding
from tokentui.screens.dialogs import Dialog
from tokentui.screens.widgets.secret_field import SHOWN_ONCE, SecretField
from tokentui.screens.widgets.timed_text import TimedText
from tokentui.styles import sheets
from tokentui.ui import wording
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError


class IssueDialog(Dialog[Issued]):
    """Asks how a token gets its new key, says what will happen, and does it. Answers with what was issued, or None.

    The service runs while the window is open: where it fails, the reason stands there and nothing typed is lost.
    """

    CSS_PATH = sheets("dialogs", "actions")
    has_fields = True
    VERB = ""

    def __init__(self, token: TokenRecord) -> None:
        super().__init__()
        self.token = token
        self._working = False

    def title_text(self) -> str:
        """What is done to which token."""
        return f"{self.VERB} {self.token.name}?"

    def compose_body(self) -> ComposeResult:
        """The form, what will happen, what is wrong."""
        with VerticalScroll(id="issue-form", can_focus=False):
            yield from self.compose_form()
            yield Static("", id="issue-effect", markup=False)
        yield Static("", id="issue-error", classes="error", markup=False)

    def compose_form(self) -> ComposeResult:
        """Yields the fields; called once, when the dialog is opened."""
        raise NotImplementedError

    def compose_buttons(self) -> ComposeResult:
        yield Button("Cancel", id="leave")
        yield Button(self.VERB, id="confirm", variant="warning")

    def focus_first(self) -> None:
        """The safe button, also behind a form with buttons of its own."""
        self.set_focus(self.query_one("#leave"))

    def on_mount(self) -> None:
        """What will happen as things stand, and as time passes."""
        self.update()
        self.set_interval(TICK_S, self._time_passed)

    def _time_passed(self) -> None:
        """What will happen now. An error of the service stays, as nothing else says why it was not done."""
        try:
            lines = list(self.effect())
        except ValidationError as error:
            self.refuse(error.message)
            lines = []
        self.query_one("#issue-effect", Static).update("\n".join(lines))

    def effect(self) -> Iterator[str]:
        """What will happen, in lines; raises ValidationError."""
        raise NotImplementedError

    def service(self) -> Callable[[Context], Issued]:
        """The service that issues the key, to be called in a thread; raises ValidationError for what was typed."""
        raise NotImplementedError

    def update(self) -> None:
        """Says anew what will happen, or what is wrong with what stands there."""
        try:
            lines = list(self.effect())
        except ValidationError as error:
            self.refuse(error.message)
            lines = []
        else:
            self.refuse("")
        self.query_one("#issue-effect", Static).update("\n".join(lines))

    def refuse(self, reason: str) -> None:
        """Shows what is wrong; nothing can be confirmed until it is mended."""
        self.query_one("#issue-error", Static).update(reason)

    @on(Button.Pressed, "#confirm")
    def confirm(self) -> None:
        """Issues the key; where that fails, shows why and stays open."""
        self._issue()

    @work(exclusive=True, group="issue")
    async def _issue(self) -> None:
        self._at_work(True)
        try:
            self.dismiss(await self.change(self.service(), late=self._issued_late))
        except (TokentuiError, ValidationError) as error:
            hint = error.hint if isinstance(error, TokentuiError) else ""
            self.refuse(f"{error.message}: {hint}" if hint else error.message)
        finally:
            self._at_work(False)

    def _issued_late(self, issued: Issued) -> None:
        """A key that was made after nobody waited for it any longer: answers with it, or tells of it once closed."""
        if self.is_open:
            self.dismiss(issued)  # left open, it would ask for what is done already
            return
        see = f"{self.keys.first('details.view_key')} in the details shows its new key"
        if not self.context.settings.reveal:
            see = "Its new key was not kept: rotate it again"
        done = f"{self.VERB} of {safe_text(issued.token.name)} was done after all"
        self.app.notify(see if issued.key else "Its key is the same as before", title=done, markup=False)

    def _at_work(self, working: bool) -> None:
        """While it is being done nothing can be pressed: a key that was made must be told of."""
        self._working = working
        for button in self.query(Button):
            button.disabled = working

    def action_back(self) -> None:
        if not self._working:
            self.dismiss(None)


class NewKey(Dialog[None]):
    """The key that was issued, covered, and until when the one before it works."""

    CSS_PATH = sheets("dialogs", "actions")
    BINDINGS = [
        binding("details.view_key"),
        binding("token.copy_key"),
    ]

    def __init__(self, issued: Issued, done: str) -> None:
        super().__init__()
        self._issued = issued
        self._done = done

    def title_text(self) -> str:
        """What was done to which token."""
        return f"{self._issued.token.name} was {self._done}"

    def compose_body(self) -> ComposeResult:
        """The key, then the facts."""
        if self._issued.key is not None:
            yield Static("The new key", classes="dialog-heading", markup=False)
            yield SecretField(self._issued.token.id)
            if not self.context.settings.reveal:
                yield Static(SHOWN_ONCE, classes="warning", markup=False)
        yield TimedText(lambda: Content("\n".join(self._facts())), id="new-key-facts")

    def _facts(self) -> Iterator[str]:
        issued, zone, now = self._issued, self.context.zone, self.context.now()
        if issued.key is None:
            yield "The key is the same as before."
        elif issued.previous_stops_at is None:
            yield "The old key has stopped."
        else:
            stops = issued.previous_stops_at
            works = "works" if stops > now else "worked"
            yield f"The old key {works} until {wording.exact(stops, zone)} ({wording.relative(stops, now)})."
        expires = issued.token.expires_at
        far = "" if expires is None else f" ({wording.relative(expires, now)})"
        yield f"The token expires: {wording.exact(expires, zone)}{far}"

    def action_view_key(self) -> None:
        """Shows the key, or covers it."""
        for field in self.query(SecretField):
            field.toggle()

    @on(SecretField.ViewWanted)
    def view(self, event: SecretField.ViewWanted) -> None:
        """The key is at hand: it was made for this window."""
        event.stop()
        if self._issued.key is not None:
            event.field.reveal(self._issued.key)

    @on(SecretField.CopyWanted)
    def copy(self, event: SecretField.CopyWanted) -> None:
        """A click on Copy."""
        event.stop()
        self.action_copy_key()

    @work(exclusive=True, group="copy")
    async def action_copy_key(self) -> None:
        """Copies the new key."""
        if self._issued.key is not None:
            what = f"The new key of {safe_text(self._issued.token.name)}"
            await copy_text(
                self, self._issued.key.text, what, instead=f"{self.keys.first('details.view_key')} shows it"
            )
