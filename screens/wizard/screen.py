"""The creation wizard: five steps over the table. Nothing is written before Create, and then the token exists."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Button, ContentSwitcher, Input, Static

from tokentui import catalog
from tokentui.records import Catalog, Issued
from tokentui.screens.base import TICK_S
from tokentui.screens.command import Place
from tokentui.screens.commands import binding, bindings
from tokentui.screens.messages import TokenMade
from tokentui.screens.token_form.draft import FIELDS, Draft, Step
from tokentui.screens.token_form.expiration import ExpirationStep
from tokentui.screens.token_form.extension import ExtensionStep
from tokentui.screens.token_form.form_frame import FormFrame
from tokentui.screens.token_form.form_keys import KeyHint
from tokentui.screens.token_form.form_screen import TokenFormScreen
from tokentui.screens.token_form.general import GeneralStep
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.token_form.permissions import PermissionsStep
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.wizard.step_line import StepLine
from tokentui.screens.wizard.summary import SummaryPane
from tokentui.styles import sheets
from tokentui.tokens.create import create_token
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError

_PANES: dict[Step, type[StepPane]] = {
    Step.GENERAL: GeneralStep,
    Step.EXPIRATION: ExpirationStep,
    Step.EXTENSION: ExtensionStep,
    Step.PERMISSIONS: PermissionsStep,
}


class WizardScreen(TokenFormScreen[int]):
    """Answers with the ID of the new token where its details are wanted, else with None."""

    CSS_PATH = sheets("token_form", "wizard")
    PLACES = (Place.WIZARD,)
    BINDINGS = [
        *bindings(Place.WIZARD),
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        binding("details.view_key"),
        binding("token.copy_key"),
    ]
    LEAVE_TITLE = "Leave without making a token?"
    LEAVE_LINE = "What was typed is lost."

    def __init__(self) -> None:
        super().__init__()
        self.step = Step.GENERAL
        self.issued: Issued | None = None
        self._blank = Draft()
        self._limits: DraftLimits | None = None
        # Whether somebody was faster than the catalogue.
        self._next_wanted = False

    def compose_panes(self) -> ComposeResult:
        """The first step; the others come with the catalogue, for which nobody waits to type."""
        yield StepLine(id="wizard-steps")
        with ContentSwitcher(initial="step-0", id="wizard-panes"):
            yield GeneralStep(self.draft, DraftLimits.of(self.context, Catalog((), ())), id="step-0")

    def compose_buttons(self) -> ComposeResult:
        yield Button("Cancel", id="form-cancel", compact=True)
        yield Static("", id="form-gap")
        yield Button("Back", id="form-back", compact=True)
        yield Button("Next", id="form-next", variant="primary", compact=True)

    def on_mount(self) -> None:
        self._show_step()
        self._pane().begin()
        self.read("catalog", catalog.load, self._begin)
        self.set_interval(TICK_S, self._follow_clock)

    def _follow_clock(self) -> None:
        """Presets are counted from now, not from when the wizard was opened."""
        if self._limits is not None and self.issued is None:
            self._limits = DraftLimits.of(self.context, self._limits.catalog)
            for pane in self.query(StepPane):
                pane.set_limits(self._limits)

    async def _begin(self, catalog: Catalog) -> None:
        limits = DraftLimits.of(self.context, catalog)
        if not limits.extensions():
            said = "The catalogue has no extension: run `tokentui catalog import FILE`"
            if catalog.extensions:
                said = "None of the catalogue's extensions is allowed: see allowed_extensions in the settings"
            self.app.notify(said, severity="error", markup=False)
            self.dismiss(None)
            return
        blank = Draft.new(limits, self.context.settings.default_lifetime)
        if blank.extension not in {extension.slug for extension in limits.extensions()}:
            blank = replace(blank, extension=limits.extensions()[0].slug)
        self._blank = blank
        self.draft = replace(blank, **self._pane().typed())
        panes = self.query_one(ContentSwitcher)
        for step, pane in _PANES.items():
            if step is not Step.GENERAL:
                await panes.add_content(pane(self.draft, limits), id=f"step-{step.value}")
        self._limits = limits
        self.show_draft()
        if self._next_wanted:
            self.action_next()

    # Moving

    class NextWanted(Message):
        """Sent through the focused input: what was typed before it is in the input when it arrives."""

    def action_next(self) -> None:
        """Goes on to the next step, or makes the token; where something is wrong, to what is."""
        (self.focused or self).post_message(self.NextWanted())

    @on(NextWanted)
    async def next_step(self) -> None:
        """Goes on, where nothing is wrong on this step or one before it."""
        if self.issued is not None:
            self.dismiss(self.issued.token.id)
        elif self._limits is None:
            self._next_wanted = True
        elif not self.refuse_second_write():
            for pane in self.query(StepPane):
                self.draft = replace(self.draft, **pane.typed())
            self._follow_clock()
            if wrong := self._first_wrong_step():
                await self._go_to_error(*wrong)
            elif self.step is Step.PERMISSIONS:
                self.create()
            else:
                await self._go_to(Step(self.step + 1))

    def _first_wrong_step(self) -> tuple[Step, dict[str, str]] | None:
        """The first step up to this one with something wrong, and what."""
        assert self._limits is not None
        for step in Step:
            if step <= self.step and (errors := self.draft.errors_of(step, self._limits)):
                return step, errors
        return None

    async def _go_to_error(self, step: Step, errors: dict[str, str]) -> None:
        if step is not self.step:
            await self._go_to(step)
        self._pane().show(self.draft, errors, at_once=True)
        self._pane().focus_field(next(field for field in FIELDS[step] if field in errors))

    def action_move(self, distance: int) -> None:
        """Moves to the field below or above; through the summary, which has none."""
        for summary in self.query(SummaryPane):
            summary.scroll_relative(y=distance, animate=False)
        if self.issued is None:
            (self.focus_next if distance > 0 else self.focus_previous)()

    async def action_previous(self) -> None:
        """Goes to the step before; a token that was made stays made."""
        if self.issued is None and self.step > Step.GENERAL and not self.is_writing:
            await self._go_to(Step(self.step - 1))

    async def _go_to(self, step: Step) -> None:
        self.step = step
        panes = self.query_one(ContentSwitcher)
        if step is Step.SUMMARY:
            assert self.issued is not None
            await panes.add_content(SummaryPane(self.issued, self), id="summary")
            panes.current = "summary"
        else:
            panes.current = f"step-{step.value}"
            self.show_draft()
        self._show_step()
        if step is Step.SUMMARY:
            self.set_focus(self.query_one("#form-next"))
        else:
            self._pane().begin()

    # Making

    @work(group="create", exclusive=True)
    async def create(self) -> None:
        """Makes the token; where that fails the wizard stays as it is, with the reason."""
        assert self._limits is not None
        try:
            new = self.draft.new_token(self._limits)
            issued = await self.write(
                lambda context: create_token(context, new), self._made_late, undone="Nothing was made"
            )
        except ValidationError as error:
            step = next((step for step, fields in FIELDS.items() if error.field in fields), self.step)
            await self._go_to_error(step, {error.field: error.message})
            self.show_failure(error.message)
        else:
            if issued is not None:
                self.app.post_message(TokenMade(issued.token.id))
                self.changed()
                await self._made(issued)

    async def _made(self, issued: Issued) -> None:
        self.issued = issued
        await self._go_to(Step.SUMMARY)

    def _made_late(self, issued: Issued) -> None:
        """The token was made when nobody waited for it any longer."""
        name = safe_text(issued.token.name)
        self.app.notify(f"{name} was made after all: {issued.token.label}", severity="warning", markup=False)
        self.app.post_message(TokenMade(issued.token.id))
        if self.is_open:
            self.show_failure("")
            self.call_next(self._made, issued)

    def is_changed(self) -> bool:
        return self.issued is None and self.draft != self._blank

    # Showing

    def _pane(self) -> StepPane:
        return self.query_one(f"#step-{self.step.value}", StepPane)

    def show_draft(self, *, at_once: bool = False) -> None:
        errors = self.draft.errors_of(self.step, self._limits) if self._limits else {}
        self._pane().show(self.draft, errors, at_once=at_once)
        self._show_title()

    def _show_title(self) -> None:
        count = "" if self.issued is not None else self._pane().count()
        place = f"{self.step + 1} of {len(Step)} {self.step.name.capitalize()}"
        self.query_one(FormFrame).show_title("New token", place, count=count)

    def _show_step(self) -> None:
        made = self.issued is not None
        self._show_title()
        self.query_one(StepLine).step = self.step
        self.query_one("#form-cancel", Button).label = "Close" if made else "Cancel"
        self.query_one("#form-back", Button).display = not made and self.step is not Step.GENERAL
        onward = self.query_one("#form-next", Button)
        onward.label = "Go to Details" if made else self._next_word()
        onward.refresh(layout=True)  # a longer word needs more room
        self.show_keys()

    def _next_word(self) -> str:
        return "Create" if self.step is Step.PERMISSIONS else "Next"

    def keys_here(self) -> tuple[KeyHint, ...]:
        if self.issued is not None:
            return (
                KeyHint("details.view_key", "view", "view_key"),
                KeyHint("token.copy_key", "copy", "copy_key"),
                KeyHint("wizard.seal", "seal", "seal_key"),
                KeyHint("wizard.next", "details", "next"),
                KeyHint("app.back", "close", "back"),
            )
        back = () if self.step is Step.GENERAL else (KeyHint("wizard.previous", "back", "previous"),)
        onward = KeyHint("wizard.next", self._next_word().replace("Next", "next"), "next")
        return (*self._pane().key_hints(), *back, onward, KeyHint("app.back", "cancel", "back"))

    @on(Choice.Submitted)
    @on(Input.Submitted)
    @on(Button.Pressed, "#form-next")
    def press_next(self) -> None:
        """Enter in a field of one line, or the button; on the last step only the button."""
        self.action_next()

    @on(Button.Pressed, "#form-back")
    async def press_back(self) -> None:
        await self.action_previous()

    def action_view_key(self) -> None:
        """Shows the key that was just made, or covers it."""
        for summary in self.query(SummaryPane):
            summary.view_key()

    def action_copy_key(self) -> None:
        """Copies the key that was just made."""
        for summary in self.query(SummaryPane):
            summary.copy_key()

    def action_seal_key(self) -> None:
        """Hands the key that was just made over to somebody unseen."""
        for summary in self.query(SummaryPane):
            summary.seal_key()
