"""Reads the list for the tokens screen, and shows it: rows, counts, responses, and why there may be none."""

from __future__ import annotations

from tokentui.errors import QueryError, TokentuiError
from tokentui.listing.first_page import first_page
from tokentui.listing.spec import ListSpec
from tokentui.records import Status, TokenRecord
from tokentui.screens.base import Failure, ServiceCalls
from tokentui.screens.messages import DatabaseOpened, OpeningFailed
from tokentui.screens.rereading import Rereading
from tokentui.screens.retry import Retry
from tokentui.screens.tokens.columns import CellKind
from tokentui.screens.tokens.filter_bar import FilterBar
from tokentui.screens.tokens.list_reader import Listing, is_backup_due, read_listing, read_page, read_use
from tokentui.screens.tokens.pages import SIZE
from tokentui.screens.tokens.status_line import StatusLine, all_count
from tokentui.screens.tokens.title_bar import TitleBar
from tokentui.screens.tokens.token_table import TokenTable
from tokentui.screens.widgets.notice import Notice


class ListLoading(ServiceCalls):
    """Mixed into the tokens screen: what is shown, of which list, and reading it again."""

    spec: ListSpec
    listing: Listing | None = None
    """The list as it is shown."""

    _rereading: Rereading
    _wanted_id: int | None = None
    _wants_first = False
    _retry: Retry
    _is_opening = False
    _may_lack_backup = True
    """Whether to look for a backup of the master key; once there is one, no more."""

    @property
    def table(self) -> TokenTable:
        return self.query_one(TokenTable)

    def load_first(self) -> None:
        """Reads the list for the first time: its first page alone where the database has yet to be opened."""
        if self.context.database.is_open:
            self.load()
        else:
            self._is_opening = True
            self.read("list", lambda context: first_page(context, SIZE), self._show_first_page)

    def _show_first_page(self, rows: tuple[TokenRecord, ...]) -> None:
        if rows:
            self.table.show(Listing(self.spec, len(rows), 0, {0: rows}, {}, self.context.now()))
        self.call_after_refresh(self.load)

    def load(self) -> None:
        """Reads the list again; the cursor stays on its token, unless `go_to` or `to_first` was called before."""
        spec, table = self.spec, self.table
        token_id, index, height, marks = table.token_id, table.index, table.height, frozenset(table.marks)
        if self._wanted_id is not None:
            token_id = self._wanted_id
        elif self._wants_first:
            token_id, index = None, 0
        self.read(
            "list",
            lambda context: read_listing(context, spec, token_id=token_id, index=index, height=height, marks=marks),
            self._show,
            self._load_failed,
        )

    def go_to(self, token_id: int) -> None:
        """Reads the list again and puts the cursor on a token, where it is in the list."""
        self._wanted_id, self._wants_first = token_id, False
        self.load()

    def to_first(self) -> None:
        """Puts the cursor on the first row of the list that is read next."""
        self._wanted_id, self._wants_first = None, True

    def time_passed(self) -> None:
        """Reads the list again when a status changes by itself; else draws the times that read differently now."""
        if self._rereading.is_due(self.context.now(), self.context.zone):
            self.load()
        else:
            self.table.refresh_times()

    def _show(self, listing: Listing) -> None:
        if self._is_opening:
            self._is_opening = False
            self.post_message(DatabaseOpened())
        self.listing = listing
        self._rereading.was_read(listing.read_at, listing.next_change)
        self._wanted_id, self._wants_first = None, False
        self._retry.stop()
        status = listing.spec.status
        total = listing.counts[Status.DELETED] if status is Status.DELETED else all_count(listing.counts)
        filtered = bool(listing.spec.query.strip()) or status not in (None, Status.DELETED)
        with self.app.batch_update():
            self.query_one(StatusLine).show(listing.counts, status)
            self.query_one(FilterBar).show(listing.total, total, listing.spec.sort, filtered=filtered)
            self.table.show(listing)
            self.say_marks()
            self.query_one(Notice).say(*(self.problem_lines() or self._lines_where_empty(listing)))
        self.load_use()
        if self._may_lack_backup:
            self.read("backup", is_backup_due, self._remind_of_backup, lambda _: None)

    def _remind_of_backup(self, is_due: bool | None) -> None:
        self._may_lack_backup = is_due is not False
        self.query_one(TitleBar).remind_of_backup(bool(is_due))

    def say_marks(self) -> None:
        """Says how many tokens are marked, and how many of them the list does not show."""
        self.query_one(StatusLine).show_marks(len(self.table.marks), len(self.hidden_marks()))
        self.refresh_bindings()

    def hidden_marks(self) -> frozenset[int]:
        """The marked tokens that the filter or the status hides."""
        hidden = frozenset() if self.listing is None else self.listing.hidden
        return hidden & frozenset(self.table.marks)

    def _lines_where_empty(self, listing: Listing) -> list[str]:
        """What to press where the list has no row; nothing where it has some."""
        first = self.keys.first
        if listing.total:
            return []
        if listing.spec.query.strip():
            return ["No token matches the filter.", "", f"Press {first('app.back')} to clear it."]
        if not any(listing.counts.values()):
            start = f"Press {first('tokens.new')} to make the first one."
            if self.context.database.read_only:
                return ["No tokens yet, and this is read-only.", "", "`tokentui demo` shows the app with sample data."]
            return ["No tokens yet.", "", start, "`tokentui demo` shows the app with sample data."]
        if listing.spec.status is not None:
            return [f"No token is {listing.spec.status}.", "", f"Press {first('tokens.show_all')} to see all."]
        return ["Every token is deleted.", "", f"Press {first('tokens.show_deleted')} to see them."]

    def _load_failed(self, error: Failure) -> None:
        if isinstance(error, QueryError):
            self.query_one(FilterBar).refuse(error)
            return
        if isinstance(error, TokentuiError) and not self.context.database.is_open:
            self.post_message(OpeningFailed(error))
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

    def load_page(self, number: int) -> None:
        """Reads a page by its neighbours."""
        spec, pages = self.spec, self.table.pages
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
            if self.table.shows_page(number):
                self.load_use()

    def load_use(self) -> None:
        """Reads the responses to the tokens in the window, where there is a column for them."""
        columns = self.table.column_layout.columns
        ids = tuple(row.id for row in self.table.visible_rows())
        if ids and any(column.kind is CellKind.SPARKLINE for column, _ in columns):
            self.read("use", lambda context: read_use(context, ids), self.table.set_use)
