"""The tokens screen: joins status line, filter and table. What it shows is read by `list_reader`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.geometry import Offset

from tokentui.errors import QueryError, TokentuiError
from tokentui.listing import counts, order
from tokentui.listing.spec import ListSpec, Sort
from tokentui.records import Action, BulkResult, Status, TokenRecord
from tokentui.screens.actions.token_actions import TokenActions
from tokentui.screens.base import TICK_S, BaseScreen, Failure
from tokentui.screens.command import Command, Place
from tokentui.screens.commands import bindings
from tokentui.screens.dialogs import Prompt
from tokentui.screens.footer import Footer
from tokentui.screens.messages import DatabaseState, MakeToken, OpenToken, TokensChanged
from tokentui.screens.offers import TABS, Part
from tokentui.screens.retry import Retry
from tokentui.screens.tokens.columns import MARK_WIDTH, SORT_ORDER, layout
from tokentui.screens.tokens.filter_bar import FilterBar
from tokentui.screens.tokens.list_reader import Listing, read_listing, read_page, read_sparklines
from tokentui.screens.tokens.status_line import StatusLine
from tokentui.screens.tokens.title_bar import TitleBar
from tokentui.screens.tokens.token_table import TableHeader, TokenTable
from tokentui.screens.widgets.notice import Notice
from tokentui.styles import sheets
from tokentui.tokens import bulk, export
from tokentui.ui.files import named, new_file, write_new


class TokensScreen(TokenActions, BaseScreen[None]):
    """The list of tokens."""

    CSS_PATH = sheets("tokens")
    PLACES = (Place.TOKENS,)
    BINDINGS = [*bindings(Place.TOKENS)]

    def __init__(self) -> None:
        super().__init__()
        self.spec = ListSpec()
        self._undo: tuple[Action, tuple[int, ...]] | None = None
        self._shown: Listing | None = None
        self._next_change: datetime | None = None
        self._retry = Retry(self, self.load)

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield TitleBar()
        yield StatusLine()
        yield FilterBar()
        yield TableHeader()
        yield Notice(id="notice")
        yield TokenTable()
        yield Footer()

    def on_mount(self) -> None:
        """Reads the list after the first paint."""
        self.set_focus(self.table)
        self.query_one(FilterBar).rows = self.table
        self.query_one(TableHeader).show(self.spec.sort)
        self.call_after_refresh(self.load)
        self.set_interval(TICK_S, self._time_passed)

    def _time_passed(self) -> None:
        """Reads the list again when a status changes by itself; else draws the times that read differently now."""
        if self._next_change is not None and self.context.now() >= self._next_change:
            self._next_change = None
            self.load()
        else:
            self.table.refresh_times()

    @property
    def table(self) -> TokenTable:
        """The rows."""
        return self.query_one(TokenTable)

    # Reading

    @on(TokensChanged)
    def load(self) -> None:
        """Reads the list again; the cursor stays on its token."""
        spec, table = self.spec, self.table
        token_id, index, height, marks = table.token_id, table.index, table.height, frozenset(table.marks)
        self.read(
            "list",
            lambda context: read_listing(context, spec, token_id=token_id, index=index, height=height, marks=marks),
            self._show,
            self._load_failed,
        )

    def _show(self, listing: Listing) -> None:
        self._shown = listing
        self._next_change = listing.next_change
        self._retry.stop()
        everything = sum(number for status, number in listing.counts.items() if status is not Status.DELETED)
        with self.app.batch_update():
            self.query_one(StatusLine).show(listing.counts, self.spec.status)
            filtered = bool(listing.spec.query.strip()) or listing.spec.status is not None
            self.query_one(FilterBar).show(listing.total, everything, listing.spec.sort, filtered=filtered)
            self.table.show(listing)
            self._say_marks()
            self._say_where_empty(listing, everything)
        self._load_sparks()
        self.refresh_bindings()

    def _say_where_empty(self, listing: Listing, everything: int) -> None:
        notice = self.query_one(Notice)
        if self.problem:
            notice.say(*self.problem_lines())
        elif listing.total:
            notice.say()
        elif everything == 0:
            lines = ["No tokens yet.", "", f"Press {self.keys.first('tokens.new')} to make the first one."]
            if self.context.database.read_only:
                lines = ["No tokens yet, and this is read-only."]
            notice.say(*lines, "`tokentui demo` shows the app with sample data.")
        elif listing.spec.query.strip():
            notice.say("No token matches the filter.", "", f"Press {self.keys.first('app.back')} to clear it.")
        else:
            notice.say(
                f"No token is {listing.spec.status}.", "", f"Press {self.keys.first('tokens.show_all')} to see all."
            )

    def _load_failed(self, error: Failure) -> None:
        if isinstance(error, QueryError):
            self.query_one(FilterBar).refuse(error)
            return
        hint = error.hint if isinstance(error, TokentuiError) else ""
        # The rows stay: they are what was known last. The next change, F5 or half a minute later tries again.
        self.query_one(Notice).say(
            f"{error.message}. What is shown was known last.",
            hint,
            "",
            f"Trying again; {self.keys.first('app.refresh')} tries at once.",
        )
        self._retry.later()

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that what is shown was known last, or reads again."""
        if self.problem:
            self.query_one(Notice).say(*self.problem_lines())
        else:
            self.load()

    @on(TokenTable.PageWanted)
    def load_page(self, event: TokenTable.PageWanted) -> None:
        """Reads a page by its neighbours."""
        spec, pages, number = self.spec, self.table.pages, event.number
        total, before, after = pages.total, pages.before(number), pages.after(number)

        def failed(error: Failure) -> None:
            self.table.page_failed(number)
            self._load_failed(error)

        self.read(
            f"page {number}",
            lambda context: read_page(context, spec, number, total, before=before, after=after),
            lambda rows: self._put_page(spec, number, rows),
            failed,
        )

    def _put_page(self, spec: ListSpec, number: int, rows: tuple[TokenRecord, ...]) -> None:
        if spec == self.spec:
            self.table.put_page(number, rows)
            self._load_sparks()

    @on(TokenTable.WindowMoved)
    def _load_sparks(self) -> None:
        if not any(column.style == "spark" for column, _ in layout(self.table.size.width)):
            return
        ids = tuple(row.id for row in self.table.visible_rows())
        if ids:
            self.read("sparks", lambda context: read_sparklines(context, ids), self.table.set_sparks)

    # What is shown

    def show(self, spec: ListSpec) -> None:
        """Shows another selection or order; the cursor stays on its token where that is in it."""
        if spec != self.spec:
            self.spec = spec
            self.query_one(TableHeader).show(spec.sort)
            self.load()

    def action_show_status(self, status: str) -> None:
        """One status alone, or all."""
        self.show(replace(self.spec, statuses=(Status(status),) if status else ()))

    @on(StatusLine.Chosen)
    def choose_status(self, event: StatusLine.Chosen) -> None:
        """A click on a count."""
        self.action_show_status(event.status or "")

    def action_sort_next(self) -> None:
        """By the next column."""
        place = SORT_ORDER.index(self.spec.sort.field) if self.spec.sort.field in SORT_ORDER else -1
        self.show(replace(self.spec, sort=Sort(SORT_ORDER[(place + 1) % len(SORT_ORDER)])))

    def action_sort_reverse(self) -> None:
        """The other way around."""
        self.show(replace(self.spec, sort=self.spec.sort.reversed()))

    @on(TableHeader.Sorted)
    def sort_by(self, event: TableHeader.Sorted) -> None:
        """A click on a heading; a second one turns the order around."""
        same = event.field is self.spec.sort.field
        self.show(replace(self.spec, sort=self.spec.sort.reversed() if same else Sort(event.field)))

    def action_filter(self) -> None:
        """Into the filter."""
        self.query_one(FilterBar).begin()

    @on(FilterBar.Changed)
    def filter_by(self, event: FilterBar.Changed) -> None:
        """Shows what matches; a filter that can't be read says so and leaves the rows as they are."""
        try:
            order.check_query(self.context, event.text)
        except QueryError as error:
            self.query_one(FilterBar).refuse(error)
        else:
            self.query_one(FilterBar).accept()
            self.show(replace(self.spec, query=event.text))
            if self._shown is not None and self._shown.spec == self.spec:
                self._show(self._shown)

    def action_back(self) -> None:
        """Escape: marks first, then the filter, then the status."""
        if self.table.marks:
            self.table.set_marks(())
            self._say_marks()
            self.refresh_bindings()
        elif self.query_one(FilterBar).text:
            self.query_one(FilterBar).clear()
        elif self.spec.status is not None:
            self.action_show_status("")

    def action_refresh(self) -> None:
        """Reads everything again."""
        self.load()

    # The cursor and the marks

    def action_cursor_down(self) -> None:
        """The next token."""
        self.table.move_by(1)

    def action_cursor_up(self) -> None:
        """The token before."""
        self.table.move_by(-1)

    def action_cursor_top(self) -> None:
        """The first token."""
        self.table.move_to(0)

    def action_cursor_bottom(self) -> None:
        """The last token."""
        self.table.move_to(self.table.pages.total - 1)

    def action_page_down(self) -> None:
        """A window further."""
        self.table.page_by(1)

    def action_page_up(self) -> None:
        """A window back."""
        self.table.page_by(-1)

    def action_mark(self) -> None:
        """Marks the token."""
        self.table.toggle_mark()
        self._say_marks()

    def action_mark_all(self) -> None:
        """Marks all that the filter shows, or unmarks them where all are marked."""
        spec = self.spec

        def done(ids: tuple[int, ...]) -> None:
            self.table.set_marks(() if set(ids) <= self.table.marks else ids)
            self._say_marks()

        self.read("mark", lambda context: counts.matching_ids(context, spec), done)

    def _say_marks(self) -> None:
        self.query_one(StatusLine).show_marks(len(self.table.marks), len(self.hidden_marks()))
        self.refresh_bindings()

    @on(TokenTable.CursorMoved)
    def refresh_offers(self) -> None:
        """The footer says what the token under the cursor allows."""
        self.refresh_bindings()

    def label_of(self, command: Command) -> str | None:
        """Nothing to open, to mark or to undo where there is none."""
        if (
            (command.id == "tokens.undo" and self._undo is None)
            or (command.id in ("tokens.open", "tokens.mark") and self.table.token is None)
            or (command.id in ("tokens.mark_all", "tokens.export") and not self.table.pages.total)
        ):
            return None
        return super().label_of(command)

    # What is done to tokens

    def selected_ids(self) -> tuple[int, ...]:
        """The marked tokens, or the one under the cursor."""
        if self.table.marks:
            return tuple(self.table.marks)
        return () if self.table.token is None else (self.table.token.id,)

    @property
    def selected_count(self) -> int:
        """The number of `selected_ids`, which may be many."""
        return len(self.table.marks) or int(self.table.token is not None)

    def known_tokens(self) -> Iterable[TokenRecord]:
        """The rows that have been read."""
        return self.table.pages.rows()

    def hidden_marks(self) -> frozenset[int]:
        """The marked tokens that the filter or the status hides."""
        hidden = frozenset() if self._shown is None else self._shown.hidden
        return hidden & frozenset(self.table.marks)

    def selected_token(self) -> TokenRecord | None:
        """The token under the cursor."""
        return self.table.token

    def menu_place(self) -> Offset | None:
        """Where the row of the cursor stands."""
        table = self.table
        return Offset(table.region.x + MARK_WIDTH, table.region.y + table.index - table.scroll_offset.y)

    def on_action_done(self, outcome: BulkResult | None) -> None:
        """After an action: what `u` takes back, and no marks of tokens that were acted on."""
        if outcome is not None:
            if outcome.action in (Action.DELETE, Action.DISABLE):
                self._undo = (outcome.action, outcome.done)
            self.table.set_marks(self.table.marks - set(outcome.done))
            self._say_marks()
        self.load()

    @work
    async def action_undo(self) -> None:
        """Takes the last delete or disable back."""
        if self._undo is None:
            self.notify(
                f"Nothing to take back: {self.keys.first('tokens.undo')} undoes the last delete or disable",
                severity="warning",
                markup=False,
            )
            return
        action, ids = self._undo
        back = Action.RESTORE if action is Action.DELETE else Action.ENABLE
        try:
            outcome = await self.change(lambda context: bulk.apply(context, back, ids, partial=True))
        except TokentuiError as error:
            self.explain(error)
            return
        self._undo = None
        done = "restored" if back is Action.RESTORE else "enabled again"
        self.notify(f"{len(outcome.done)} {done}", markup=False)
        for refusal in outcome.refused:
            self.notify(refusal.reason, severity="warning", markup=False)
        self.changed()

    def action_new(self) -> None:
        """The wizard."""
        self.post_message(MakeToken(self.spec))

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
        """A double click."""
        self.post_message(OpenToken(event.token.id, self.spec))

    @work
    async def action_export(self) -> None:
        """Asks for a file and writes the list into it."""
        name = f"tokens-{self.context.now().astimezone(self.context.zone):%Y-%m-%d}.csv"
        path = await self.app.push_screen_wait(
            Prompt("Export the list as CSV", "File", name, confirm="Write", check=new_file)
        )
        if path is None:
            return
        spec = self.spec
        try:
            number = await self.change(lambda context: write_new(named(path), export.csv_lines(context, spec)))
        except TokentuiError as error:
            self.explain(error)
        else:
            self.notify(f"{number - 1} tokens written to {path}", markup=False)

    def watch_busy(self, busy: bool) -> None:
        """Something takes its time."""
        if self.is_mounted:
            self.query_one(TitleBar).show_busy(busy)

    def action_quit(self) -> None:
        """Leaves the app."""
        self.app.exit()
