"""The edit form: the wizard's General and Permissions on one screen."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tokentui import catalog
from tokentui.context import Context
from tokentui.errors import Conflict, TokentuiError
from tokentui.records import Catalog, TokenRecord
from tokentui.screens.base import BaseModal, Failure
from tokentui.screens.command import Place
from tokentui.screens.commands import binding, bindings
from tokentui.screens.dialogs import ChooseVersion, Confirm
from tokentui.screens.messages import DatabaseState
from tokentui.screens.token_form.draft import Draft, edit_errors
from tokentui.screens.token_form.general import GeneralStep
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.token_form.permissions import PermissionsStep
from tokentui.styles import sheets
from tokentui.tokens.edit import edit_token
from tokentui.tokens.reads import find_same_name, get_token
from tokentui.ui import wording
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError


class EditScreen(BaseModal[None]):
    """Changes a token's properties and permissions; its secret stays."""

    CSS_PATH = sheets("token_form", "wizard")
    PLACES = (Place.EDIT,)
    BINDINGS = [
        *bindings(Place.EDIT),
        binding("app.back"),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
    ]

    def __init__(self, token_id: int, part: str = "general") -> None:
        super().__init__()
        self._token_id = token_id
        self._part = part
        self._token: TokenRecord | None = None
        self._limits: DraftLimits | None = None
        self.draft = Draft()

    def compose(self) -> ComposeResult:
        """The frame; the fields come with the token."""
        with Vertical(id="wizard", classes="edit") as frame:
            frame.border_title = "Edit"
            yield Vertical(id="edit-panes")
            yield Static("", id="wizard-failed", markup=False)
            with Horizontal(id="wizard-buttons"):
                yield Button("Cancel", id="wizard-cancel")
                yield Static(f"{self.keys.first('edit.save')} saves", id="wizard-gap")
                yield Button("Save", id="wizard-next", variant="primary")

    def on_mount(self) -> None:
        """Reads the token and the catalogue."""
        self.load()

    def load(self) -> None:
        """Reads the token as it is now; what was typed before is dropped."""

        def both(context: Context) -> tuple[TokenRecord, Catalog]:
            return get_token(context, self._token_id), catalog.load(context)

        self.read("edit", both, self._show, self._gone)

    async def _show(self, found: tuple[TokenRecord, Catalog]) -> None:
        self._token, stock = found
        limits = self._limits = DraftLimits.of(self.context, stock)
        self.draft = Draft.of(self._token)
        self.query_one("#wizard").border_title = Content(f"Edit {safe_text(self._token.name)}")
        panes = self.query_one("#edit-panes")
        await panes.remove_children()
        general = GeneralStep(self.draft, limits)
        permissions = PermissionsStep(self.draft, limits)
        await panes.mount(general, permissions)
        (permissions if self._part == "permissions" else general).begin()

    def _gone(self, error: Failure) -> None:
        self.explain(error)
        self.dismiss(None)

    @on(StepPane.DraftChanged)
    def edit(self, event: StepPane.DraftChanged) -> None:
        """Keeps what was typed and shows what is wrong with it."""
        self.draft = replace(self.draft, **event.fields)
        self._failed("")
        self._show_errors()

    def _show_errors(self, *, now: bool = False) -> dict[str, str]:
        assert self._limits is not None
        for pane in self.query(StepPane):
            self.draft = replace(self.draft, **pane.typed())
        wrong = edit_errors(self.draft, self._limits)
        for pane in self.query(StepPane):
            pane.show(self.draft, wrong, now=now)
        return wrong

    @on(Input.Submitted)
    @on(Button.Pressed, "#wizard-next")
    def save_pressed(self) -> None:
        """Enter in a field, or the button."""
        self.action_save()

    def action_next(self) -> None:
        """Enter in the list of modules."""
        self.action_save()

    @work(group="action", exclusive=True)
    async def action_save(self) -> None:
        """Saves; where somebody else was faster, the operator chooses."""
        if self._token is None or self._show_errors(now=True):
            return
        overwrite = False
        while True:
            try:
                saved, other = await self._save(self._token, overwrite)
            except Conflict as conflict:
                answer = await self.app.push_screen_wait(ChooseVersion(conflict))
                if answer == "theirs":
                    self.load()
                if answer != "mine":
                    return
                overwrite = True
            except (TokentuiError, ValidationError) as error:
                self._failed(f"{error}. Nothing was saved; what you typed is kept.")
                return
            else:
                break
        name = safe_text(saved.name)
        self.app.notify(
            f"{name} saved" if saved.version != self._token.version else "Nothing was changed", markup=False
        )
        if other is not None:
            self.app.notify(wording.same_name_text(other), severity="warning", markup=False)
        self.changed()
        self.dismiss(None)

    async def _save(self, read: TokenRecord, overwrite: bool) -> tuple[TokenRecord, TokenRecord | None]:
        """The token as it is now, and another one of the same name where the name was changed."""
        assert self._limits is not None
        changes = self.draft.changes(self._limits)

        def save(context: Context) -> tuple[TokenRecord, TokenRecord | None]:
            saved = edit_token(context, read.id, changes, read=read, overwrite=overwrite)
            renamed = saved.name != read.name
            return saved, find_same_name(context, saved.name, other_than=saved.id) if renamed else None

        return await self.change(save)

    @work(group="action", exclusive=True)
    async def action_back(self) -> None:
        """Leaves; asks first where something was changed."""
        if self._token is not None and self.draft != Draft.of(self._token):
            lines = ("What was changed is lost.",)
            leave = Confirm("Leave without saving?", lines, confirm="Leave", cancel="Go on")
            if not await self.app.push_screen_wait(leave):
                return
        self.dismiss(None)

    @on(Button.Pressed, "#wizard-cancel")
    def cancel_pressed(self) -> None:
        """The button."""
        self.action_back()

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that nothing can be saved while the database is away."""
        self._failed(f"{self.problem}. What you typed is kept." if self.problem else "")

    def _failed(self, text: str) -> None:
        self.query_one("#wizard-failed", Static).update(Content(text))
