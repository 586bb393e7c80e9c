"""The edit form: the wizard's General and Permissions on one screen."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, Input, Static

from tokentui import catalog
from tokentui.context import Context
from tokentui.errors import Conflict
from tokentui.records import Catalog, TokenRecord
from tokentui.screens.base import Failure
from tokentui.screens.command import Place
from tokentui.screens.commands import bindings
from tokentui.screens.dialogs import ChooseVersions
from tokentui.screens.token_form.draft import Draft, edit_errors
from tokentui.screens.token_form.form_frame import FormFrame
from tokentui.screens.token_form.form_keys import KeyHint
from tokentui.screens.token_form.form_screen import TokenFormScreen
from tokentui.screens.token_form.general import GeneralStep
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.token_form.permissions import PermissionsStep
from tokentui.styles import sheets
from tokentui.tokens.edit import edit_token
from tokentui.tokens.reads import get_token
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError


class EditScreen(TokenFormScreen[None]):
    """Changes a token's properties and permissions; its secret stays."""

    CSS_PATH = sheets("token_form")
    PLACES = (Place.EDIT,)
    BINDINGS = [*bindings(Place.EDIT)]
    LEAVE_TITLE = "Leave without saving?"
    LEAVE_LINE = "What was changed is lost."

    def __init__(self, token_id: int, part: str = "general") -> None:
        super().__init__()
        self._token_id = token_id
        self._part = part
        self._token: TokenRecord | None = None
        self._limits: DraftLimits | None = None

    def compose_panes(self) -> ComposeResult:
        """Nothing yet; the fields come with the token."""
        yield VerticalScroll(id="edit-panes", can_focus=False)

    def compose_buttons(self) -> ComposeResult:
        yield Button("Cancel", id="form-cancel", compact=True)
        yield Static("", id="form-gap")
        yield Button("Save", id="form-next", variant="primary", compact=True)

    def on_mount(self) -> None:
        """Reads the token and the catalogue."""
        self.query_one(FormFrame).show_title("Edit")
        self.show_keys()
        self.load()

    def load(self) -> None:
        """Reads the token as it is now; what was typed before is dropped."""

        def both(context: Context) -> tuple[TokenRecord, Catalog]:
            return get_token(context, self._token_id), catalog.load(context)

        self.read("edit", both, self._show, self._gone)

    async def _show(self, read: tuple[TokenRecord, Catalog]) -> None:
        self._token, catalog = read
        limits = self._limits = DraftLimits.of(self.context, catalog)
        self.draft = Draft.of(self._token)
        panes = self.query_one("#edit-panes")
        await panes.remove_children()
        general = GeneralStep(self.draft, limits)
        permissions = PermissionsStep(self.draft, limits)
        await panes.mount(general, permissions)
        self._show_title()
        self.show_keys()
        if self._part == "permissions":
            permissions.begin()
            permissions.scroll_visible(top=True, animate=False)
        else:
            general.begin()

    def _gone(self, error: Failure) -> None:
        self.explain(error)
        self.dismiss(None)

    def own_token(self) -> TokenRecord | None:
        return self._token

    def is_changed(self) -> bool:
        return self._token is not None and self.draft != Draft.of(self._token)

    # Showing

    def show_draft(self, *, at_once: bool = False) -> None:
        errors = self._errors()
        for pane in self.query(StepPane):
            pane.show(self.draft, errors, at_once=at_once)
        self._show_title()

    def _errors(self) -> dict[str, str]:
        for pane in self.query(StepPane):
            self.draft = replace(self.draft, **pane.typed())
        if self._limits is None or self._token is None:
            return {}
        return edit_errors(self.draft, self._limits, Draft.of(self._token))

    def _show_title(self) -> None:
        name = safe_text(self._token.name) if self._token else ""
        count = next((pane.count() for pane in self.query(PermissionsStep)), "")
        self.query_one(FormFrame).show_title(f"Edit {name}".strip(), count=count)

    def keys_here(self) -> tuple[KeyHint, ...]:
        own = tuple(key for pane in self.query(StepPane) for key in pane.key_hints())
        unique = {key.word: key for key in own}.values()
        return (*unique, KeyHint("edit.save", "save", "save"), KeyHint("app.back", "cancel", "back"))

    # Saving

    @on(Input.Submitted)
    @on(Button.Pressed, "#form-next")
    def press_save(self) -> None:
        """Enter in a field of one line, or the button."""
        self.action_save()

    @work(group="save", exclusive=True)
    async def action_save(self) -> None:
        """Saves; where something is wrong goes to it, and where somebody else was faster, the operator chooses."""
        if self._token is None or self._limits is None or self.refuse_second_write():
            return
        if errors := self._errors():
            self._go_to_error(errors)
            return
        try:
            saved = await self._save(self._token)
        except Conflict as conflict:
            mine = await self.app.push_screen_wait(ChooseVersions(conflict))
            if mine is None:
                return
            saved = await self._save(self._token, theirs=frozenset(conflict.fields) - mine)
        if saved is not None:
            self._saved(saved, self._token)

    async def _save(self, read: TokenRecord, *, theirs: frozenset[str] | None = None) -> TokenRecord | None:
        """The token as it is now; None where it was not saved, for a reason that stands on the screen.

        `theirs` are fields that stay as another operator has set them; with it, what else differs is set all the same.
        """
        assert self._limits is not None
        overwrite, changes = theirs is not None, self.draft.changes(self._limits)
        left = {"modules", "all_modules"} if "modules" in (theirs or ()) else set()
        changes = replace(changes, **dict.fromkeys(left | (theirs or set())))
        try:
            return await self.write(
                lambda context: edit_token(context, read.id, changes, read=read, overwrite=overwrite),
                self._saved_late,
                undone="Nothing was saved",
            )
        except ValidationError as error:
            self._go_to_error({error.field: error.message})
            self.show_failure(error.message)
            return None

    def _go_to_error(self, errors: dict[str, str]) -> None:
        for pane in self.query(StepPane):
            pane.show(self.draft, errors, at_once=True)
            pane.focus_field(next(iter(errors)))

    def _saved(self, saved: TokenRecord, before: TokenRecord) -> None:
        said = f"{safe_text(saved.name)} saved" if saved.version != before.version else "Nothing was changed"
        self.app.notify(said, markup=False)
        self.changed()
        self.dismiss(None)

    def _saved_late(self, saved: TokenRecord) -> None:
        """It was saved when nobody waited for it any longer."""
        self.app.notify(f"{safe_text(saved.name)} was saved after all", severity="warning", markup=False)
        if self.is_open:
            self._token = saved  # what is saved next is no conflict with this
            self.show_failure("")
            if not self.is_changed():
                self.dismiss(None)
