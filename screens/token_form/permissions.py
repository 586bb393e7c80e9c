"""Step 4: which modules the token may use, where its extension asks for them, and from which networks."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokentui.records import ExtensionRecord
from tokentui.screens.token_form.draft import Draft
from tokentui.screens.token_form.form_keys import KeyHint
from tokentui.screens.token_form.limits import DraftLimits
from tokentui.screens.token_form.module_picker import ModulePicker
from tokentui.screens.token_form.pane import StepPane
from tokentui.screens.widgets.field import Field
from tokentui.ui.text import safe_text


class PermissionsStep(StepPane):
    """The picker, or a line that says why there is none; the networks under it."""

    def compose(self) -> ComposeResult:
        yield Static("", id="permissions-granted", markup=False)
        yield ModulePicker(self.limits.catalog.modules, all_modules=self.draft.all_modules, chosen=self.draft.modules)
        yield Field(
            "networks",
            "Networks",
            self.draft.networks,
            note="optional",
            rows=2,
            placeholder="from anywhere; or one a line, such as 203.0.113.0/24",
        )

    def on_mount(self) -> None:
        self.show(self.draft, {})

    def show(self, draft: Draft, errors: dict[str, str], *, at_once: bool = False) -> None:
        """That a choice is missing is said once one wants to go on, not while one chooses."""
        super().show(draft, errors, at_once=at_once)
        extension = draft.chosen_extension(self.limits)
        picker = self.query_one(ModulePicker)
        picker.display = extension.asks_permissions
        granted = self.query_one("#permissions-granted", Static)
        granted.display = not extension.asks_permissions
        granted.update(Content(granted_text(extension, self.limits)))
        if at_once or "modules" not in errors:
            picker.show_error(errors.get("modules", ""))
        self.query_one(Field).show_error(errors.get("networks", ""), at_once=at_once)

    def typed(self) -> dict[str, Any]:
        picker = self.query_one(ModulePicker)
        return {
            "all_modules": picker.all_modules,
            "modules": frozenset(picker.chosen),
            "networks": self.query_one(Field).value,
        }

    def begin(self) -> None:
        """At the modules, those that are chosen first; where none are asked for, at what comes next."""
        picker = self.query_one(ModulePicker)
        if picker.display:
            picker.begin()
        else:
            self.screen.set_focus(self.screen.query_one("#form-next"))

    def focus_field(self, field: str) -> None:
        if field == "modules":
            self.query_one(ModulePicker).focus_list()
        else:
            super().focus_field(field)

    def key_hints(self) -> tuple[KeyHint, ...]:
        picker = self.query_one(ModulePicker)
        if not picker.display:
            return super().key_hints()
        narrow = () if picker.all_modules else (KeyHint("form.narrow", "narrow", "narrow"),)
        return (KeyHint("form.tick", "tick"), *narrow)

    def count(self) -> str:
        return self.query_one(ModulePicker).count() if self.query_one(ModulePicker).display else ""

    @on(ModulePicker.Changed)
    def choose_modules(self, event: ModulePicker.Changed) -> None:
        event.stop()
        self.post_message(self.DraftChanged({"all_modules": event.all_modules, "modules": event.modules}))

    @on(Field.Changed)
    def type_networks(self, event: Field.Changed) -> None:
        event.stop()
        self.post_message(self.DraftChanged({"networks": event.value}))


def granted_text(extension: ExtensionRecord, limits: DraftLimits) -> str:
    """Why no permission is asked for, and what the token gets."""
    names = {module.slug: module.name for module in limits.catalog.modules}
    granted = "All Modules" if extension.all_modules else ", ".join(names.get(slug, slug) for slug in extension.modules)
    return f"Not needed: {safe_text(extension.name)} has permissions of its own.\nThe token gets {safe_text(granted)}."
