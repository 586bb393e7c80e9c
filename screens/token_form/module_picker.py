"""Choosing modules: All Modules on top, which greys the others; a list of checkboxes that a word narrows."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Checkbox, Input, SelectionList, Static
from textual.widgets.selection_list import Selection

from tokentui.records import ModuleRecord
from tokentui.ui.text import safe_text


class ModuleList(SelectionList[str]):
    """Space checks; enter goes on."""

    BINDINGS = [Binding("enter", "screen.next", "Next", show=False)]

    def _on_option_list_option_highlighted(self, event: SelectionList.OptionHighlighted) -> None:
        # News of a line that narrowing has taken away meanwhile: Textual's own handler would look it up and fail.
        if event.option_index >= self.option_count:
            event.prevent_default()
            event.stop()

    def render_line(self, y: int) -> Strip:
        """Textual's line, with the cross only where it is checked: not by colour alone."""
        strip = super().render_line(y)
        index = self.scroll_offset.y + y
        if index >= self.option_count:
            return strip
        left, inner, *rest = strip
        checked = self.get_option_at_index(index).value in self.selected
        return Strip([left, Segment("X" if checked else " ", inner.style), *rest])


class AllModules(Checkbox):
    """Space checks; enter goes on."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802
        """A cross only where it is checked: not by colour alone."""
        return "X" if self.value else " "

    BINDINGS = [
        Binding("space", "toggle_button", "Toggle", show=False),
        Binding("enter", "screen.next", "Next", show=False),
    ]


class ModulePicker(Vertical):
    """Edits a permission."""

    @dataclass
    class Changed(Message):
        """Another permission."""

        all_modules: bool
        """Every module."""
        modules: frozenset[str]
        """Or these; kept while All Modules is checked."""

    def __init__(self, modules: tuple[ModuleRecord, ...], *, all_modules: bool, chosen: frozenset[str]) -> None:
        super().__init__()
        self._modules = modules
        self._all = all_modules
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """The wildcard and the filter in one line, the list, what is wrong."""
        with Horizontal(id="modules-head"):
            yield AllModules("All Modules", self._all, compact=True)
            yield Input(placeholder="type to narrow the list", id="modules-filter", compact=True)
            yield Static("", id="modules-count", markup=False)
        yield ModuleList(*self._selections(""), compact=True)
        yield Static("", id="modules-error", markup=False)

    def on_mount(self) -> None:
        """Greyed from the start where all are chosen."""
        self.query_one(ModuleList).highlighted = 0
        self._show()

    def show_error(self, error: str) -> None:
        """What is wrong, empty for nothing."""
        self.query_one("#modules-error", Static).update(Content(error))

    @on(Checkbox.Changed)
    def toggle_all(self, event: Checkbox.Changed) -> None:
        """The wildcard."""
        event.stop()
        self._all = event.value
        self._changed()

    @on(SelectionList.SelectionToggled)
    def toggle_one(self, event: SelectionList.SelectionToggled[str]) -> None:
        """One module."""
        event.stop()
        self._chosen ^= {event.selection.value}
        self._changed()

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Shows the modules that match; what is chosen stays chosen."""
        event.stop()
        listed = self.query_one(ModuleList)
        listed.clear_options()
        listed.add_options(self._selections(event.value.strip()))
        listed.highlighted = 0 if listed.option_count else None

    @on(Input.Submitted)
    def into_list(self, event: Input.Submitted) -> None:
        """Enter goes from the filter to what it shows."""
        event.stop()
        self.screen.set_focus(self.query_one(ModuleList))

    def _selections(self, text: str) -> list[Selection[str]]:
        return [
            Selection(Content(safe_text(module.name)), module.slug, module.slug in self._chosen)
            for module in self._modules
            if text.lower() in f"{module.name} {module.slug}".lower()
        ]

    def _changed(self) -> None:
        self._show()
        self.show_error("")
        self.post_message(self.Changed(self._all, frozenset(self._chosen)))

    def _show(self) -> None:
        self.query_one(ModuleList).disabled = self._all
        self.query_one("#modules-filter", Input).disabled = self._all
        number = len(self._modules) if self._all else len(self._chosen)
        self.query_one("#modules-count", Static).update(Content(f"{number} of {len(self._modules)} chosen"))
