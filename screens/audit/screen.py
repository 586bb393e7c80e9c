"""The audit of all tokens: who did what when, narrowed by a filter, newest first."""

from __future__ import annotations

from contextlib import suppress

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from tokentui.audit import AuditFilter, parse_filter
from tokentui.audit.filter import FIELDS
from tokentui.errors import QueryError
from tokentui.listing.spec import ListSpec
from tokentui.operations.audit_export import csv_lines
from tokentui.screens.base import BaseScreen
from tokentui.screens.command import Command, Place
from tokentui.screens.commands import bindings
from tokentui.screens.csv_export import export_csv
from tokentui.screens.footer import Footer
from tokentui.screens.messages import DatabaseState, OpenToken, TokensChanged
from tokentui.screens.widgets.entry_list import EntryList
from tokentui.screens.widgets.filter_input import FilterInput
from tokentui.screens.widgets.notice import Notice
from tokentui.styles import sheets

_PLACEHOLDER = "filter: a word, actor:alice, action:rotate, since:7d, token:SU-… …"


class AuditFilterInput(FilterInput):
    id_field = "token"


class AuditScreen(BaseScreen[None]):
    """Over the list of tokens; an entry leads to its token's history."""

    CSS_PATH = sheets("audit")
    PLACES = (Place.AUDIT,)
    BINDINGS = [*bindings(Place.AUDIT)]

    def __init__(self, spec: ListSpec) -> None:
        """`spec` is the list that it is opened over."""
        super().__init__()
        self._spec = spec
        self._wanted = AuditFilter()

    def compose(self) -> ComposeResult:
        yield Static("Audit", id="audit-title")
        with Horizontal(id="audit-filter"):
            yield Static("/", id="audit-slash")
            yield AuditFilterInput(placeholder=_PLACEHOLDER, compact=True)
        yield Static("", id="audit-error", markup=False)
        yield Notice(id="notice")
        yield EntryList(with_token=True)
        yield Footer()

    @property
    def _list(self) -> EntryList:
        return self.query_one(EntryList)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def on_mount(self) -> None:
        """Reads the newest entries."""
        self.set_focus(self._list.table)
        self._list.show(self._wanted)

    @on(TokensChanged)
    def reload(self) -> None:
        """Something was done, here or elsewhere."""
        self.filter_again()

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that what is shown was known last, or reads again."""
        self.query_one(Notice).say(*self.problem_lines())
        if not self.problem:
            self._list.load()

    @on(EntryList.CursorMoved)
    def cursor_moved(self) -> None:
        """Not every entry has a token to open."""
        self.refresh_bindings()

    # The filter

    @on(Input.Changed)
    def filter_as_typed(self) -> None:
        """Shows what matches what is typed so far, without a last term that is not finished."""
        text = self._input.value
        before, _, last = text.rpartition(" ")
        begins_field = bool(last) and any(field.startswith(last.lower()) for field in FIELDS)
        try:
            self._filter_by(before if begins_field else text)
        except QueryError as error:
            if not error.incomplete:
                self._say(error)
                return
            with suppress(QueryError):
                self._filter_by(before)
        self._say(None)

    def filter_again(self) -> None:
        """By the whole filter. One that is wrong leaves the rows, and is told."""
        try:
            self._filter_by(self._input.value)
        except QueryError as error:
            self._say(error)
        else:
            self._say(None)

    def _filter_by(self, text: str) -> None:
        self._wanted = parse_filter(text, self.context.now(), self.context.zone)
        self._list.show(self._wanted)

    @on(Input.Submitted)
    def leave_filter(self) -> None:
        """To the rows."""
        self.set_focus(self._list.table)
        self.filter_again()

    def on_key(self, event: events.Key) -> None:
        """Down leaves the filter for the rows."""
        if event.key == "down" and self._input.has_focus:
            event.stop()
            self.leave_filter()

    def _say(self, error: QueryError | None) -> None:
        line = self.query_one("#audit-error", Static)
        line.display = error is not None
        if error is not None:
            line.update(Content(f"{error.message}: {error.hint}" if error.hint else error.message))

    # Commands

    def label_of(self, command: Command) -> str | None:
        """Nothing to open where the entry is about no token, nothing to write where there is none."""
        entry = self._list.entry
        if command.id == "audit.open" and (entry is None or entry.token_id is None):
            return None
        if command.id == "audit.export" and entry is None:
            return None
        return super().label_of(command)

    def action_filter(self) -> None:
        """Puts the cursor into the filter."""
        self.set_focus(self._input)

    def action_open(self) -> None:
        """The history of the token that the entry under the cursor is about."""
        entry = self._list.entry
        if entry is not None and entry.token_id is not None:
            self.post_message(OpenToken(entry.token_id, self._spec, "history"))

    def action_refresh(self) -> None:
        self.filter_again()

    def action_back(self) -> None:
        """Escape: the filter first, then to the tokens."""
        if self._input.value:
            self._input.value = ""
        if self._input.has_focus:
            self.set_focus(self._list.table)
        elif self._wanted == AuditFilter():
            self.dismiss()

    @work
    async def action_export(self) -> None:
        """Asks for a file and writes the entries that the filter leaves into it."""
        name = f"audit-{self.context.now().astimezone(self.context.zone):%Y-%m-%d}.csv"
        wanted = self._wanted
        await export_csv(self, "Export the audit as CSV", name, lambda context: csv_lines(context, wanted), "entries")
