"""The Permissions tab: every module of the catalogue, those that the token may use first."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tokentui import display
from tokentui.records import Catalog, ModuleRecord, TokenRecord
from tokentui.screens.details.tab import Details, DetailsTab

_NAME_WIDTH = 24
_STATE_WIDTH = 11


class PermissionsTab(DetailsTab):
    """The modules as lines, filtered by what is typed."""

    def __init__(self) -> None:
        super().__init__("Permissions", id="permissions")
        self._details: Details | None = None

    def compose(self) -> ComposeResult:
        """A line that sums up, the filter, the modules."""
        yield Static("", id="permissions-summary", markup=False)
        yield Input(placeholder="/ filters the modules", id="permissions-filter", compact=True)
        with VerticalScroll(id="permissions-scroll"):
            yield Static("", id="permissions-rows", markup=False)

    def show(self, details: Details) -> None:
        """The token's permission as it is now."""
        self._details = details
        self._draw()

    def opened(self) -> None:
        """The arrows scroll."""
        self.query_one("#permissions-scroll").focus()

    def back(self) -> bool:
        """Out of the filter first."""
        search = self.query_one("#permissions-filter", Input)
        if not search.has_focus and not search.value:
            return False
        search.value = ""
        self.opened()
        return True

    def filter(self) -> None:
        """Into the filter."""
        self.query_one("#permissions-filter", Input).focus()

    @on(Input.Changed)
    def search(self) -> None:
        """Shows what matches."""
        self._draw()

    @on(Input.Submitted)
    def keep(self) -> None:
        """Back to the list, with the filter on."""
        self.opened()

    def _draw(self) -> None:
        if self._details is None:
            return
        token, catalog = self._details.token, self._details.catalog
        self.query_one("#permissions-summary", Static).update(_summary(token, catalog))
        text = self.query_one("#permissions-filter", Input).value.strip().lower()
        rows = [_row(module, enabled) for module, enabled in modules(token, catalog) if text in _searched(module)]
        if token.all_modules and text in "all modules":
            rows.insert(0, _line("All Modules", True, "every module, also those that come later"))
        if not rows:
            rows = [Content("No module matches. Esc clears the filter.")]
        self.query_one("#permissions-rows", Static).update(Content("\n").join(rows))


def modules(token: TokenRecord, catalog: Catalog) -> list[tuple[ModuleRecord, bool]]:
    """Every module with whether the token may use it; those that it may first, each part in the catalogue's order."""
    states = [(module, token.all_modules or module.slug in token.modules) for module in catalog.modules]
    return sorted(states, key=lambda state: not state[1])


def _searched(module: ModuleRecord) -> str:
    return f"{module.name} {module.slug} {' '.join(module.paths)}".lower()


def _summary(token: TokenRecord, catalog: Catalog) -> str:
    if token.all_modules:
        return f"Full: All Modules, today {len(catalog.modules)}"
    return f"{len(token.modules)} of {len(catalog.modules)} modules"


def _row(module: ModuleRecord, enabled: bool) -> Content:
    return _line(display.safe_text(module.name), enabled, display.safe_text(" ".join(module.paths)))


def _line(name: str, enabled: bool, paths: str) -> Content:
    state = ("✓ Enabled".ljust(_STATE_WIDTH), "$text-success") if enabled else ("—".ljust(_STATE_WIDTH), "$text-muted")
    return Content.assemble(display.fit(name, _NAME_WIDTH), state, (paths, "$text-muted"))
