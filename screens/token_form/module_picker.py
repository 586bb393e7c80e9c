"""Choosing modules: a word narrows them, All Modules greys them, and those that are chosen come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, Static

from tokentui.records import ModuleRecord
from tokentui.screens.base import keys_of
from tokentui.screens.commands import binding
from tokentui.screens.token_form.module_list import ModuleList

_WIDE = 48
"""Cells from which on the head has room for what All Modules means."""


class AllModules(Checkbox):
    """The wildcard: every module that there is, and each that comes to be."""

    BINDINGS: ClassVar[list[BindingType]] = [binding("form.tick", action="toggle_button")]

    def render(self) -> Content:
        """A letter in brackets, as in the list: not told by colour alone."""
        return Content(f"[{'x' if self.value else ' '}] ") + self.label

    def get_content_width(self, *_: object) -> int:
        return self.label.cell_length + 4


class NarrowInput(Input):
    """Narrows the list. Down and enter go into the list, and so does escape, which shows all again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "into_list", "To the list", show=False),
        binding("app.back", action="clear"),
    ]

    class Left(Message):
        """The list is wanted."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where there is nothing to clear, escape is the screen's."""
        if action == "clear" and not self.value:
            return False
        return super().check_action(action, parameters)

    def action_clear(self) -> None:
        self.value = ""
        self.action_into_list()

    def action_into_list(self) -> None:
        self.post_message(self.Left())


class ModulePicker(Vertical):
    """Chooses all modules or some of them."""

    BINDINGS: ClassVar[list[BindingType]] = [binding("form.narrow")]

    @dataclass
    class Changed(Message):
        """Other modules were chosen, or all."""

        all_modules: bool
        """Whether all modules are chosen."""
        modules: frozenset[str]
        """The chosen modules, by slug; kept while All Modules is ticked."""

    def __init__(self, modules: tuple[ModuleRecord, ...], *, all_modules: bool, chosen: frozenset[str]) -> None:
        super().__init__()
        self.all_modules = all_modules
        self.chosen = set(chosen)
        self._modules = modules
        self._ordered = self._chosen_first()

    def compose(self) -> ComposeResult:
        slash = keys_of(self.app).first("form.narrow")
        with Horizontal(id="modules-head"):
            yield NarrowInput(placeholder=f"{slash} narrow…", id="modules-filter", compact=True)
            yield AllModules("All Modules (also new ones)", self.all_modules, compact=True)
        yield ModuleList(self._ordered, self.chosen)
        yield Static("", id="modules-empty", markup=False)
        yield Static("", id="modules-error", markup=False)

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        wide = self.size.width >= _WIDE
        self.query_one(AllModules).label = "All Modules (also new ones)" if wide else "All Modules"

    def begin(self) -> None:
        """Puts the modules that are chosen first, and the focus where one goes on choosing."""
        self._ordered = self._chosen_first()
        self._show()
        listed = self.query_one(ModuleList)
        listed.to_top()
        self.screen.set_focus(listed if self.chosen and not self.all_modules else self.query_one(AllModules))

    def focus_list(self) -> None:
        """Goes to what is to be ticked."""
        self.screen.set_focus(self.query_one(AllModules if self.all_modules else ModuleList))

    def action_narrow(self) -> None:
        """Goes to where a word narrows the list."""
        if not self.all_modules:
            self.screen.set_focus(self.query_one(NarrowInput))

    def count(self) -> str:
        number = len(self._modules) if self.all_modules else len(self.chosen)
        return f"{number} of {len(self._modules)}"

    def show_error(self, error: str) -> None:
        """Says what is wrong; an empty text takes it away."""
        line = self.query_one("#modules-error", Static)
        line.update(Content(error))
        line.display = bool(error)

    @on(Checkbox.Changed)
    def tick_all(self, event: Checkbox.Changed) -> None:
        """Ticks the wildcard, or gives back what was chosen before."""
        event.stop()
        self.all_modules = event.value
        self._tell()

    @on(ModuleList.Toggled)
    def tick(self, event: ModuleList.Toggled) -> None:
        """Ticks or unticks one module."""
        event.stop()
        self.chosen ^= {event.slug}
        self._tell()

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Shows the modules that match; what is chosen stays chosen."""
        event.stop()
        self._show()
        self.query_one(ModuleList).to_top()

    @on(NarrowInput.Left)
    def into_list(self, event: NarrowInput.Left) -> None:
        """Goes to what the word has left."""
        event.stop()
        self.screen.set_focus(self.query_one(ModuleList))

    def _chosen_first(self) -> tuple[ModuleRecord, ...]:
        return tuple(sorted(self._modules, key=lambda module: module.slug not in self.chosen))

    def _tell(self) -> None:
        self._show()
        self.show_error("")
        self.post_message(self.Changed(self.all_modules, frozenset(self.chosen)))

    def _show(self) -> None:
        word = self.query_one(NarrowInput).value.strip().lower()
        matching = [module for module in self._ordered if word in _searched_text(module)]
        listed = self.query_one(ModuleList)
        listed.show(matching, [module.slug for module in matching] if self.all_modules else self.chosen)
        listed.disabled = self.query_one(NarrowInput).disabled = self.all_modules
        empty = self.query_one("#modules-empty", Static)
        empty.display = not matching
        empty.update(Content("no module matches: Esc shows all again") if not matching else "")


def _searched_text(module: ModuleRecord) -> str:
    return f"{module.name} {module.slug} {' '.join(module.paths)}".lower()
