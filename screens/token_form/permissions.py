"""Step 4: which modules the token may use, where its extension asks; otherwise what the extension will get."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tokentui.records import ExtensionRecord
from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.module_picker import AllModules, ModulePicker
from tokentui.screens.token_form.pane import StepPane
from tokentui.ui.text import safe_text


class PermissionsStep(StepPane):
    """The picker, or a line that says why there is none."""

    def compose(self) -> ComposeResult:
        """Both; `show` shows one of them."""
        yield Static("", id="permissions-granted", markup=False)
        yield ModulePicker(self.limits.catalog.modules, all_modules=self.draft.all_modules, chosen=self.draft.modules)

    def on_mount(self) -> None:
        """What the extension needs."""
        self.show(self.draft, {})

    def show(self, draft: Draft, errors: dict[str, str], *, now: bool = False) -> None:
        """The picker with what is wrong, once one wants to go on."""
        super().show(draft, errors, now=now)
        kind = draft.chosen_extension(self.limits)
        asked = kind.asks_permissions
        self.query_one(ModulePicker).display = asked
        granted = self.query_one("#permissions-granted", Static)
        granted.display = not asked
        granted.update(Content(granted_text(kind, self.limits)))
        if now or not errors:
            self.query_one(ModulePicker).show_error(errors.get("modules", ""))

    def begin(self) -> None:
        """At the wildcard, or wherever the wizard's buttons are."""
        if self.query_one(ModulePicker).display:
            self.screen.set_focus(
                self.query_one(Input if self.draft.modules and not self.draft.all_modules else AllModules)
            )
        else:
            self.screen.set_focus(self.screen.query_one("#wizard-next"))

    @on(ModulePicker.Changed)
    def changed(self, event: ModulePicker.Changed) -> None:
        """Another permission."""
        event.stop()
        self.post_message(self.DraftChanged({"all_modules": event.all_modules, "modules": event.modules}))


def granted_text(kind: ExtensionRecord, limits: DraftLimits) -> str:
    """Why no permission is asked for, and what the token will get."""
    names = {module.slug: module.name for module in limits.catalog.modules}
    gets = "all modules" if kind.all_modules else ", ".join(names.get(slug, slug) for slug in kind.modules)
    name = safe_text(kind.name)
    return f"Not needed: {name} has permissions of its own.\n\nThe token will get {safe_text(gets)}."
