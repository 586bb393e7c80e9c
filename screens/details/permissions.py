"""The Permissions tab: every module of the catalogue, those that the token may use first."""

from __future__ import annotations

import textwrap

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tokentui.records import Catalog, ModuleRecord, TokenRecord
from tokentui.screens.base import keys_of
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.widgets import line
from tokentui.ui.text import fit, safe_text

_NAME_WIDTH = 20
_STATE_WIDTH = 11


class PermissionsTab(DetailsTab):
    """The modules as lines, filtered by what is typed."""

    def __init__(self) -> None:
        super().__init__("Permissions", id="permissions")
        self._details: Details | None = None

    def compose(self) -> ComposeResult:
        """A line that sums up, the filter, the modules."""
        yield Static("", id="permissions-summary", markup=False)
        yield Input(
            placeholder=f"{keys_of(self.app).first('details.filter')} filters the modules",
            id="permissions-filter",
            compact=True,
        )
        with VerticalScroll(id="permissions-scroll") as rows:
            rows.border_title = "Modules"
            yield Static("", id="permissions-rows", markup=False)

    def show(self, details: Details) -> None:
        """The token's permission as it is now."""
        self._details = details
        self._draw()

    def opened(self) -> None:
        """Gives the focus to the scroll, so that the arrows move it."""
        self.screen.set_focus(self.query_one("#permissions-scroll"))

    def back(self) -> bool:
        """Out of the filter first."""
        search = self.query_one("#permissions-filter", Input)
        if not search.has_focus and not search.value:
            return False
        search.value = ""
        self.opened()
        return True

    def filter(self) -> None:
        """Puts the cursor into the filter."""
        self.screen.set_focus(self.query_one("#permissions-filter", Input))

    def on_resize(self) -> None:
        """Paths are broken to the width."""
        self._draw()

    @on(Input.Changed)
    def search(self) -> None:
        """Shows the modules whose name or path has the typed text."""
        self._draw()

    @on(Input.Submitted)
    def keep(self) -> None:
        """Back to the list, with the filter on."""
        self.opened()

    def _draw(self) -> None:
        if self._details is None:
            return
        token, catalog = self._details.token, self._details.catalog
        line.show(self.query_one("#permissions-summary", Static), _summary(token, catalog))
        text = self.query_one("#permissions-filter", Input).value.strip().lower()
        room = max(20, self.size.width - _NAME_WIDTH - _STATE_WIDTH - 8)
        matching = [(module, enabled) for module, enabled in modules(token, catalog) if text in _searched_text(module)]
        rows = [_line(module.name, enabled, " ".join(module.paths), room) for module, enabled in matching]
        if token.all_modules and text in "all modules":
            rows.insert(0, _line("All Modules", True, "every module, also those that come later", room))
        if not rows:
            rows = [Content(f"No module matches. {self.host.keys.first('app.back')} clears the filter.")]
        line.show(self.query_one("#permissions-rows", Static), Content("\n").join(rows))


def modules(token: TokenRecord, catalog: Catalog) -> list[tuple[ModuleRecord, bool]]:
    """Every module with whether the token may use it; those that it may first, each part in the catalogue's order."""
    states = [(module, token.all_modules or module.slug in token.modules) for module in catalog.modules]
    return sorted(states, key=lambda state: not state[1])


def _searched_text(module: ModuleRecord) -> str:
    return f"{module.name} {module.slug} {' '.join(module.paths)}".lower()


def _summary(token: TokenRecord, catalog: Catalog) -> str:
    if token.all_modules:
        return f"Full: All Modules, today {len(catalog.modules)}"
    return f"{len(token.modules)} of {len(catalog.modules)} modules"


def _line(name: str, enabled: bool, paths: str, room: int) -> Content:
    state = ("✓ Enabled".ljust(_STATE_WIDTH), "$text-success") if enabled else ("—".ljust(_STATE_WIDTH), "$text-muted")
    indent = "\n" + " " * (_NAME_WIDTH + _STATE_WIDTH)
    broken = indent.join(textwrap.wrap(safe_text(paths), room, break_on_hyphens=False))
    return Content.assemble(fit(safe_text(name), _NAME_WIDTH), state, (broken, "$text-muted"))
