"""The tokens screen: joins status line, filter, table and preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tokentui.errors import QueryError
from tokentui.listing.spec import ListSpec, Sort
from tokentui.records import Status
from tokentui.screens import services
from tokentui.screens.base import TICK_S, BaseScreen
from tokentui.screens.command import Place
from tokentui.screens.commands import bindings
from tokentui.screens.footer import Footer
from tokentui.screens.messages import DatabaseState, MakeToken, OpenAudit, OpenToken, TokenMade, TokensChanged
from tokentui.screens.offers import TABS, Part
from tokentui.screens.rereading import Rereading
from tokentui.screens.retry import Retry
from tokentui.screens.tokens import preview
from tokentui.screens.tokens.columns import columns_of
from tokentui.screens.tokens.filter_bar import FilterBar
from tokentui.screens.tokens.list_actions import ListActions
from tokentui.screens.tokens.preview import Preview, read_preview
from tokentui.screens.tokens.status_line import StatusLine
from tokentui.screens.tokens.table_header import TableHeader
from tokentui.screens.tokens.title_bar import TitleBar
from tokentui.screens.tokens.token_table import TokenTable
from tokentui.screens.widgets.notice import Notice
from tokentui.styles import sheets

if TYPE_CHECKING:
    from tokentui.listing.completion import Vocabulary
    from tokentui.records import Catalog


class TokensScreen(ListActions, BaseScreen[None]):
    """The list of tokens."""

    CSS_PATH = sheets("tokens")
    PLACES = (Place.TOKENS,)
    BINDINGS = [*bindings(Place.TOKENS)]

    def __init__(self) -> None:
        super().__init__()
        self.spec = ListSpec()
        self._retry = Retry(self, self.load)
        self._rereading = Rereading()
        self._catalog: Catalog | None = None
        self._offered: object = None
        self._preview_timer: Timer | None = None
        self._is_styled = False

    def update_node_styles(self, animate: bool = True) -> None:
        """Not when the screen comes to the front for the first time: each widget was styled when it was mounted."""
        if self._is_styled:
            super().update_node_styles(animate)
        self._is_styled = True

    def compose(self) -> ComposeResult:
        table = TokenTable()
        yield TitleBar()
        yield StatusLine()
        yield FilterBar()
        with Horizontal(id="list"):
            with Vertical():
                yield TableHeader(table)
                yield Notice(id="notice")
                yield table
            yield Preview()
        yield Footer()

    def on_mount(self) -> None:
        """Reads the list after the first paint."""
        self.set_focus(self.table)
        self.query_one(FilterBar).rows = self.table
        self.call_after_refresh(self.load_first)
        self.set_interval(TICK_S, self._tick)

    def _tick(self) -> None:
        self.time_passed()
        self.query_one(Preview).refresh_times()

    @on(TokensChanged)
    def reload(self) -> None:
        """Reads the list and the preview again: something was committed, here or elsewhere."""
        self.load()
        self._preview_soon()

    @on(TokenMade)
    def go_to_new(self, event: TokenMade) -> None:
        """The cursor stands on a token that was just made, where the list has it."""
        self.go_to(event.token_id)

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that what is shown was known last, or reads again."""
        if self.problem:
            self.query_one(Notice).say(*self.problem_lines())
        else:
            self.reload()

    @on(TokenTable.PageWanted)
    def read_page(self, event: TokenTable.PageWanted) -> None:
        """The table came to rows that were not read."""
        self.load_page(event.number)

    @on(TokenTable.WindowMoved)
    def read_use(self) -> None:
        """Other rows are seen."""
        self.load_use()

    @on(TokenTable.CursorMoved)
    def cursor_moved(self) -> None:
        """The footer changes only where the token allows something else; the preview follows when the cursor rests."""
        token = self.table.token
        offered = None if token is None else (token.status, token.expires_at is None)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()
        self._preview_soon()

    # The preview

    def on_resize(self, event: events.Resize) -> None:
        self._fit_preview(event.size.width)

    def action_toggle_preview(self) -> None:
        """Shows or hides the preview, where there is room for it."""
        pane = self.query_one(Preview)
        if self.size.width < preview.LEAST_SCREEN:
            text = f"The preview needs {preview.LEAST_SCREEN} columns; this screen has {self.size.width}"
            self.notify(text, severity="warning", markup=False)
        else:
            pane.wanted = not pane.wanted
            self._fit_preview(self.size.width)

    def _fit_preview(self, width: int) -> None:
        pane = self.query_one(Preview)
        pane.styles.width = preview.width_on(width)
        pane.display = pane.wanted and width >= preview.LEAST_SCREEN
        self._preview_soon()

    def _preview_soon(self) -> None:
        if self._preview_timer is not None:
            self._preview_timer.stop()
        if self.query_one(Preview).display:
            self._preview_timer = self.set_timer(preview.DELAY_S, self._read_preview)

    def _read_preview(self) -> None:
        pane, token_id = self.query_one(Preview), self.table.token_id
        if token_id is None:
            pane.show(None)
        else:
            # One that was deleted for good meanwhile leaves the list in a moment.
            self.read("preview", lambda context: read_preview(context, token_id), pane.show, lambda _: pane.show(None))

    # What is shown

    def show(self, spec: ListSpec) -> None:
        """Shows another selection or order; the cursor stays on its token where that is in it."""
        if spec != self.spec:
            self.spec = spec
            self.load()

    def action_show_status(self, status: str) -> None:
        """One status alone, or all."""
        self.show(replace(self.spec, statuses=(Status(status),) if status else ()))

    @on(StatusLine.Chosen)
    def choose_status(self, event: StatusLine.Chosen) -> None:
        """A click on a count."""
        self.action_show_status(event.status or "")

    def action_sort_next(self) -> None:
        """By the next column that is shown; after the last by the first order again."""
        shown = [column.sort for column in columns_of(self.table.size.width) if column.sort is not None]
        fields = [*(field for field in [Sort().field] if field not in shown), *shown]
        place = fields.index(self.spec.sort.field) if self.spec.sort.field in fields else -1
        self.show(replace(self.spec, sort=Sort(fields[(place + 1) % len(fields)])))

    def action_sort_reverse(self) -> None:
        """The other way around."""
        self.show(replace(self.spec, sort=self.spec.sort.reversed()))

    @on(TableHeader.Sorted)
    def sort_by(self, event: TableHeader.Sorted) -> None:
        """A click on a heading; a second one turns the order around."""
        same = event.field is self.spec.sort.field
        self.show(replace(self.spec, sort=self.spec.sort.reversed() if same else Sort(event.field)))

    # The filter

    def action_filter(self) -> None:
        self.query_one(FilterBar).begin()

    @on(FilterBar.Entered)
    def read_vocabulary(self) -> None:
        """Extensions and modules are offered as one types, and checked."""

        def keep(catalog: Catalog) -> None:
            self._catalog = catalog
            self.query_one(FilterBar).know(_vocabulary(catalog))

        self.read("vocabulary", services.catalog.load, keep)

    @on(FilterBar.Changed)
    def filter_by(self, event: FilterBar.Changed) -> None:
        """Shows what matches. A filter that is wrong leaves the rows; a term that is half typed does not count yet."""
        bar, query = self.query_one(FilterBar), event.text
        self._look_for_key(event.typed)
        try:
            query = self._finished(query, event.unfinished) if query.strip() else query
        except QueryError as error:
            bar.refuse(error)
            return
        bar.accept()
        if query.strip() and query.strip() != self.spec.query.strip():
            self.to_first()
        self.show(replace(self.spec, query=query))

    def _look_for_key(self, text: str) -> None:
        """Shows the token whose key was pasted, where that is a key of another system, which looks like any text."""

        def show(token_id: int | None) -> None:
            bar = self.query_one(FilterBar)
            if token_id is not None and bar.text == text:
                bar.show_token_of_key(token_id)

        if text.strip():
            self.read("key", lambda context: services.find_key.token_of_imported_key(context, text), show)

    def _finished(self, query: str, unfinished: int | None) -> str:
        """A filter without the term that is half typed where that can't be read yet; raises QueryError."""
        try:
            services.order.check_typed_query(self.context, query, self._catalog)
        except QueryError as error:
            if unfinished is None or error.position < unfinished:
                raise
            query = query[:unfinished]
            services.order.check_typed_query(self.context, query, self._catalog)
        return query

    def action_back(self) -> None:
        """Escape: marks first, then the filter, then the status."""
        if self.table.marks:
            self.unmark()
        elif self.query_one(FilterBar).text:
            self.query_one(FilterBar).clear()
        elif self.spec.status is not None:
            self.action_show_status("")

    # Elsewhere

    def action_refresh(self) -> None:
        self.load()

    def action_new(self) -> None:
        """Asks the app to open the wizard."""
        self.post_message(MakeToken(self.spec))

    def action_audit(self) -> None:
        """Asks the app to open the audit of all tokens."""
        self.post_message(OpenAudit(self.spec))

    def action_open(self) -> None:
        """The details of the token under the cursor."""
        if self.table.token is not None:
            self.post_message(OpenToken(self.table.token.id, self.spec))

    def parts(self) -> Sequence[Part]:
        """The tabs of the details of the token under the cursor."""
        token, spec = self.table.token, self.spec
        if token is None:
            return ()
        return [
            Part(title, tooltip, synonyms, partial(self.post_message, OpenToken(token.id, spec, tab)))
            for tab, title, tooltip, synonyms in TABS
        ]

    @on(TokenTable.Opened)
    def open_clicked(self, event: TokenTable.Opened) -> None:
        self.post_message(OpenToken(event.token.id, self.spec))

    def action_quit(self) -> None:
        self.app.exit()


def _vocabulary(catalog: Catalog) -> Vocabulary:
    from tokentui.listing.completion import Vocabulary

    return Vocabulary(
        {extension.slug: extension.name for extension in catalog.extensions},
        {module.slug: module.name for module in catalog.modules},
    )
