"""The creation wizard: five steps over the table. Nothing is written before Create, and then the token exists."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, ContentSwitcher, Input, Static

from tokentui import catalog
from tokentui.errors import TokentuiError
from tokentui.records import Catalog, Issued
from tokentui.screens.actions.copying import copy_text
from tokentui.screens.base import TICK_S, BaseModal
from tokentui.screens.command import Place
from tokentui.screens.commands import binding, bindings
from tokentui.screens.dialogs import Confirm
from tokentui.screens.messages import DatabaseState, TokenMade
from tokentui.screens.token_form.draft import FIELDS, Draft, Step
from tokentui.screens.token_form.expiration import ExpirationStep
from tokentui.screens.token_form.extension import ExtensionStep
from tokentui.screens.token_form.general import GeneralStep
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.token_form.permissions import PermissionsStep
from tokentui.screens.widgets.choice import Choice
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.screens.wizard.summary import SummaryPane
from tokentui.styles import sheets
from tokentui.tokens.create import create_token
from tokentui.validation import ValidationError

_PANES: dict[Step, type[StepPane]] = {
    Step.GENERAL: GeneralStep,
    Step.EXPIRATION: ExpirationStep,
    Step.EXTENSION: ExtensionStep,
    Step.PERMISSIONS: PermissionsStep,
}


class WizardScreen(BaseModal[int]):
    """Answers with the ID of the new token where its details are wanted, else with None."""

    CSS_PATH = sheets("token_form", "wizard")
    PLACES = (Place.WIZARD,)
    BINDINGS = [
        *bindings(Place.WIZARD),
        binding("app.back"),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("left", "app.focus_previous", "Previous", show=False),
        binding("details.view_key"),
        binding("token.copy_key"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.step = Step.GENERAL
        self.draft = Draft()
        self.issued: Issued | None = None
        self._blank = Draft()
        self._limits: DraftLimits | None = None
        self._creating = False
        # Whether somebody was faster than the catalogue.
        self._next_wanted = False

    def compose(self) -> ComposeResult:
        """The frame with the first step; the others come with the catalogue, for which nobody waits to type."""
        with Vertical(id="wizard") as frame:
            frame.border_title = "New token"
            yield Static("", id="wizard-steps", markup=False)
            with ContentSwitcher(initial="step-0", id="wizard-panes"):
                yield GeneralStep(self.draft, DraftLimits.of(self.context, Catalog((), ())), id="step-0")
            yield Static("", id="wizard-failed", markup=False)
            with Horizontal(id="wizard-buttons"):
                yield Button("Cancel", id="wizard-cancel")
                yield Static("", id="wizard-gap")
                yield Button("Back", id="wizard-back")
                yield Button("Next", id="wizard-next", variant="primary")

    def on_mount(self) -> None:
        """Reads the catalogue."""
        self._show_steps()
        self._show_buttons()
        self._pane().begin()
        self.read("catalog", catalog.load, self._begin)
        self.set_interval(TICK_S, self._time_passed)

    def _time_passed(self) -> None:
        """Presets are counted from now, not from when the wizard was opened."""
        if self._limits is not None and self.issued is None:
            self._limits = DraftLimits.of(self.context, self._limits.catalog)
            for pane in self.query(StepPane):
                pane.set_limits(self._limits)

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that nothing can be made while the database is away."""
        self._failed(f"{self.problem}. What you typed is kept." if self.problem else "")

    async def _begin(self, catalog: Catalog) -> None:
        if not catalog.extensions:
            said = "The catalogue has no extension: run `tokentui catalog import FILE`"
            self.app.notify(said, severity="error", markup=False)
            self.dismiss(None)
            return
        limits = DraftLimits.of(self.context, catalog)
        blank = Draft.new(limits, self.context.settings.default_lifetime)
        if blank.extension not in {extension.slug for extension in catalog.extensions}:
            blank = replace(blank, extension=catalog.extensions[0].slug)
        self._blank = blank
        self.draft = replace(blank, **self._pane().typed())
        panes = self.query_one(ContentSwitcher)
        for step, pane in _PANES.items():
            if step is not Step.GENERAL:
                await panes.add_content(pane(self.draft, limits), id=f"step-{step.value}")
        self._limits = limits
        self._pane().show(self.draft, self._wrong())
        if self._next_wanted:
            self.action_next()

    # Moving

    @dataclass
    class NextWanted(Message):
        """Sent through the focused input: what was typed before it is in the input when it arrives."""

    def action_next(self) -> None:
        """The next step, or Create; refused while something on this one is wrong."""
        (self.focused or self).post_message(self.NextWanted())

    @on(NextWanted)
    async def next_step(self) -> None:
        """Goes on."""
        if self.issued is not None:
            self.dismiss(self.issued.token.id)
            return
        if self._limits is None:
            self._next_wanted = True
            return
        if self._creating:
            return
        self.draft = replace(self.draft, **self._pane().typed())
        # The clock has gone on since the wizard was opened.
        self._limits = DraftLimits.of(self.context, self._limits.catalog)
        wrong = self.draft.errors_of(self.step, self._limits)
        if wrong:
            self._pane().show(self.draft, wrong, now=True)
            return
        if self.step is Step.PERMISSIONS:
            self.create()
        else:
            await self._go_to(Step(self.step + 1))

    async def action_previous(self) -> None:
        """The step before; a token that was made stays made."""
        if self.issued is None and self.step > Step.GENERAL and not self._creating:
            await self._go_to(Step(self.step - 1))

    @work(group="action", exclusive=True)
    async def action_back(self) -> None:
        """Leaves; asks first where something was typed."""
        if self._creating:
            return
        if self.issued is None and self.draft != self._blank:
            lines = ("What was typed is lost.",)
            leave = Confirm("Leave without making a token?", lines, confirm="Leave", cancel="Go on")
            if not await self.app.push_screen_wait(leave):
                return
        self.dismiss(None)

    @work(group="create", exclusive=True)
    async def create(self) -> None:
        """Makes the token; where that fails the wizard stays as it is, with the reason."""
        assert self._limits is not None
        self._creating = True
        self._failed("")
        try:
            new = self.draft.new_token(self._limits)
            self.issued = await self.change(lambda context: create_token(context, new))
        except ValidationError as error:
            await self._refused(error)
        except TokentuiError as error:
            self._failed(f"{error}. Nothing was made; what you typed is kept.")
        else:
            self.app.post_message(TokenMade(self.issued.token.id))
            self.changed()
            await self._go_to(Step.SUMMARY)
        finally:
            self._creating = False

    async def _refused(self, error: ValidationError) -> None:
        at = next((step for step, fields in FIELDS.items() if error.field in fields), self.step)
        await self._go_to(at)
        self._pane().show(self.draft, {error.field: error.message}, now=True)
        self._failed(error.message)

    async def _go_to(self, step: Step) -> None:
        self.step = step
        panes = self.query_one(ContentSwitcher)
        if step is Step.SUMMARY:
            assert self.issued is not None
            await panes.add_content(SummaryPane(self.issued, self.context), id="summary")
            panes.current = "summary"
        else:
            panes.current = f"step-{step.value}"
            self._pane().show(self.draft, self._wrong())
        self._show_steps()
        self._show_buttons()
        if step is Step.SUMMARY:
            self.set_focus(self.query_one("#wizard-next"))
        else:
            self._pane().begin()

    # Showing

    def _pane(self) -> StepPane:
        return self.query_one(f"#step-{self.step.value}", StepPane)

    def _wrong(self) -> dict[str, str]:
        return self.draft.errors_of(self.step, self._limits) if self._limits else {}

    def _failed(self, text: str) -> None:
        self.query_one("#wizard-failed", Static).update(Content(text))

    def _show_steps(self) -> None:
        parts: list[tuple[str, str]] = []
        for step in Step:
            shape = "●" if step is self.step else "✓" if step < self.step else "○"
            style = "bold" if step is self.step else "dim"
            parts.append((f"{shape} {step.name.capitalize()}  ", style))
        self.query_one("#wizard-steps", Static).update(Content.assemble(*parts))

    def _show_buttons(self) -> None:
        made = self.issued is not None
        self.query_one("#wizard-cancel", Button).label = "Close" if made else "Cancel"
        self.query_one("#wizard-back", Button).display = not made
        self.query_one("#wizard-back", Button).disabled = self.step is Step.GENERAL
        label = "Go to Details" if made else "Create" if self.step is Step.PERMISSIONS else "Next"
        self.query_one("#wizard-next", Button).label = label

    # Events

    @on(StepPane.DraftChanged)
    def edit(self, event: StepPane.DraftChanged) -> None:
        """Keeps what was typed and shows what is wrong with it."""
        self.draft = replace(self.draft, **event.fields)
        self._failed("")
        self._pane().show(self.draft, self._wrong())

    @on(Choice.Submitted)
    @on(Input.Submitted)
    @on(Button.Pressed, "#wizard-next")
    def next_pressed(self) -> None:
        """Enter, or the button."""
        self.action_next()

    @on(Button.Pressed, "#wizard-back")
    async def back_pressed(self) -> None:
        """The button."""
        await self.action_previous()

    @on(Button.Pressed, "#wizard-cancel")
    def cancel_pressed(self) -> None:
        """The button."""
        self.action_back()

    @on(SecretField.ViewWanted)
    def action_view_key(self) -> None:
        """Shows the key that was just made."""
        if self.issued is not None and self.issued.key is not None:
            field = self.query_one(SecretField)
            if field.shown:
                field.cover()
            else:
                field.reveal(self.issued.key)

    @on(SecretField.CopyWanted)
    @work(group="copy", exclusive=True)
    async def action_copy_key(self) -> None:
        """Copies the key that was just made."""
        if self.issued is not None and self.issued.key is not None:
            await copy_text(
                self, self.issued.key.text, "The new key", instead=f"{self.keys.first('details.view_key')} shows it"
            )
