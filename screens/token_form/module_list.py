"""A list of modules to tick, in two columns where there is room: `[x] Products  /categories /pim`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokentui.records import ModuleRecord
from tokentui.screens.commands import binding
from tokentui.ui.text import cell_width, fit, safe_text

_LEAST_COLUMN = 34
"""Cells that a column must have for there to be two."""

_GAP = 1
_LONGEST_NAME = 22


class ModuleList(ScrollView, can_focus=True):
    """Arrows move, space and enter tick. The order is the host's, down the first column and then the second."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "module-list--cursor",
        "module-list--ticked",
        "module-list--paths",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("form.tick"),
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("right", "change_column(1)", "Right", show=False),
        Binding("left", "change_column(-1)", "Left", show=False),
        Binding("home", "move(-10000)", "First", show=False),
        Binding("end", "move(10000)", "Last", show=False),
    ]

    @dataclass
    class Toggled(Message):
        """A module was ticked or unticked."""

        slug: str

    def __init__(self, modules: Sequence[ModuleRecord], ticked: Collection[str]) -> None:
        super().__init__()
        self._modules = tuple(modules)
        self._ticked = frozenset(ticked)
        self._cursor = 0

    @property
    def modules(self) -> tuple[ModuleRecord, ...]:
        """What is listed, in its order."""
        return self._modules

    def show(self, modules: Sequence[ModuleRecord], ticked: Collection[str]) -> None:
        """Lists other modules, or shows other ticks; the cursor stays on its module where that is still there."""
        under_cursor = self._modules[self._cursor].slug if self._modules else ""
        slugs = [module.slug for module in modules]
        self._modules = tuple(modules)
        self._ticked = frozenset(ticked)
        self._cursor = slugs.index(under_cursor) if under_cursor in slugs else 0
        self._measure()

    def to_top(self) -> None:
        """Puts the cursor on the first module."""
        self._cursor = 0
        self._show_cursor()

    # Moving

    def action_move(self, distance: int) -> None:
        """Moves down or up the order; past its ends to what stands beside the list."""
        last = len(self._modules) - 1
        if distance == 1 and self._cursor >= last:
            self.app.action_focus_next()
        elif distance == -1 and self._cursor <= 0:
            self.app.action_focus_previous()
        else:
            self._cursor = max(0, min(last, self._cursor + distance))
            self._show_cursor()

    def action_change_column(self, distance: int) -> None:
        """Moves to the same line of the other column."""
        target = self._cursor + distance * self._lines
        if self._columns > 1 and 0 <= target < len(self._modules):
            self._cursor = target
            self._show_cursor()

    def action_tick(self) -> None:
        """Ticks or unticks the module under the cursor."""
        if self._modules:
            self.post_message(self.Toggled(self._modules[self._cursor].slug))

    def on_click(self, event: events.Click) -> None:
        """Ticks what is clicked."""
        column = event.x // self._column_width if self._columns > 1 else 0
        line = event.y + self.scroll_offset.y
        index = column * self._lines + line
        if line < self._lines and column < self._columns and index < len(self._modules):
            self._cursor = index
            self._show_cursor()
            self.action_tick()

    def _show_cursor(self) -> None:
        line = self._cursor % self._lines if self._lines else 0
        self.scroll_to_region(Region(0, line, 1, 1), animate=False)
        self.refresh()

    # Drawing

    @property
    def _columns(self) -> int:
        return 2 if self.scrollable_content_region.width >= 2 * _LEAST_COLUMN + _GAP else 1

    @property
    def _column_width(self) -> int:
        return (self.scrollable_content_region.width + _GAP) // self._columns

    @property
    def _lines(self) -> int:
        return -(-len(self._modules) // self._columns)

    def on_mount(self) -> None:
        self._measure()

    def on_resize(self) -> None:
        self._measure()

    def _measure(self) -> None:
        size = Size(self.scrollable_content_region.width, self._lines)
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh(layout=True)
        self._show_cursor()

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        base = self.rich_style
        segments: list[Segment] = []
        if line < self._lines:
            for column in range(self._columns):
                index = column * self._lines + line
                if index < len(self._modules):
                    segments += [*self._cell(index), Segment(" " * _GAP, base)]
        return Strip(segments).adjust_cell_length(self.scrollable_content_region.width, base)

    def _cell(self, index: int) -> list[Segment]:
        module = self._modules[index]
        is_ticked = module.slug in self._ticked
        width = self._column_width - _GAP
        name_width = min(_LONGEST_NAME, max(cell_width(module.name) for module in self._modules))
        name = f"[{'x' if is_ticked else ' '}] {fit(safe_text(module.name), name_width)}  "
        paths = fit(safe_text(" ".join(module.paths)), max(0, width - name_width - len("[ ]   ")))
        style, paths_style = self._style("ticked") if is_ticked else self.rich_style, self._style("paths")
        if index == self._cursor and self.has_focus:
            style = paths_style = self._style("cursor")
        return list(Strip([Segment(name, style), Segment(paths, paths_style)]).adjust_cell_length(width, style))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"module-list--{name}")
