"""A token's details: what it is, what it is used for, what it may do, what was done to it. A tab a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Static, TabbedContent, Tabs

from tokentui import catalog
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import NoSuchToken, TokentuiError
from tokentui.listing import counts, pages
from tokentui.listing.spec import ListSpec, cursor_of
from tokentui.records import BulkResult, Status, TokenRecord
from tokentui.screens.actions.token_actions import TokenActions
from tokentui.screens.base import TICK_S, BaseScreen, Failure
from tokentui.screens.command import Command, Place
from tokentui.screens.commands import binding, bindings
from tokentui.screens.details.general import GeneralTab
from tokentui.screens.details.history import HistoryTab
from tokentui.screens.details.permissions import PermissionsTab
from tokentui.screens.details.statistics import StatisticsTab
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.details.use_box import DAYS
from tokentui.screens.footer import Footer
from tokentui.screens.messages import DatabaseState, EditToken, TokensChanged
from tokentui.screens.offers import TABS, Part
from tokentui.screens.rereading import Rereading
from tokentui.screens.retry import Retry
from tokentui.screens.widgets import line
from tokentui.screens.widgets.flow import Flow
from tokentui.screens.widgets.notice import Notice
from tokentui.screens.widgets.secret_field import OLD_KEY
from tokentui.styles import sheets
from tokentui.tokens.reads import get_token, list_secrets
from tokentui.ui import wording
from tokentui.ui.text import safe_text
from tokentui.usage import reports

STATUS_STYLES = {
    Status.ACTIVE: "$text-success",
    Status.EXPIRING: "$text-warning",
    Status.EXPIRED: "$text-error",
    Status.DISABLED: "$text-muted",
    Status.DELETED: "$text-muted",
}


def read_details(context: Context, token_id: int, spec: ListSpec) -> Details:
    """What the screen shows of a token, opened from the list `spec`; raises NoSuchToken, DatabaseError."""
    read_at = context.now()
    token = get_token(context, token_id)
    return Details(
        token,
        list_secrets(context, token_id),
        catalog.load(context),
        reports.daily(context, token_id, days=DAYS),
        read_at,
        counts.position(context, spec, token),
    )


class DetailsScreen(TokenActions, BaseScreen[None]):
    """One token, with its neighbours in the list that it was opened from a key away."""

    CSS_PATH = sheets("details")
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (79, "-narrow"), (116, "-normal"), (140, "-wide")]
    PLACES = (Place.DETAILS,)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Place.DETAILS),
        binding("app.back"),
        binding("app.refresh"),
    ]

    def __init__(self, token_id: int, spec: ListSpec, tab: str = "general") -> None:
        super().__init__()
        self._first_tab = tab
        self.token_id = token_id
        self.spec = spec
        self.details: Details | None = None
        self._active: DetailsTab | None = None
        self._retry = Retry(self, self.load)
        self._rereading = Rereading()

    def compose(self) -> ComposeResult:
        """Name and facts over the tabs."""
        with Horizontal(id="details-top"):
            yield Static("", id="details-name", markup=False)
            yield Static("", id="details-position", markup=False)
            yield Flow(id="details-hints")
        yield Flow(id="details-facts")
        yield Notice(id="notice")
        with TabbedContent(initial=self._first_tab, id="details-tabs"):
            yield GeneralTab()
            yield StatisticsTab()
            yield PermissionsTab()
            yield HistoryTab()
        yield Footer()

    def on_mount(self) -> None:
        """Reads the token. The tabs themselves take no focus: [ and ] change them from everywhere."""
        self.query_one(Tabs).can_focus = False
        self.load()
        self.set_interval(TICK_S, self._time_passed)

    def _time_passed(self) -> None:
        """Reads the token again when its status changes or a day begins; else shows how long ago things are."""
        if self.details is None:
            return
        if self._rereading.is_due(self.context.now(), self.context.zone):
            self.load()
        else:
            self.query_one("#details-name", Static).update(self._title(self.details.token))
            self.query_one(GeneralTab).show(self.details)

    def _changes_at(self, details: Details) -> datetime | None:
        """When the status of the token or of one of its secrets changes next by itself; None for never."""
        expires = details.token.expires_at
        moments = [expires, *(secret.stops_at for secret in details.secrets)]
        if expires is not None:
            moments.append(expires - self.context.settings.expiring_within)
        return min((moment for moment in moments if moment and moment > details.read_at), default=None)

    # Reading

    @on(TokensChanged)
    def load(self) -> None:
        """Reads the token again; tab and cursor stay."""
        token_id, spec = self.token_id, self.spec
        self.read("details", lambda context: read_details(context, token_id, spec), self._show, self._failed)

    def _show(self, details: Details) -> None:
        self.details = details
        self._retry.stop()
        self._rereading.was_read(details.read_at, self._changes_at(details))
        token = details.token
        with self.app.batch_update():
            self.query_one(Notice).say(*self.problem_lines())
            line.show(self.query_one("#details-name", Static), self._title(token))
            position = details.position
            place = f"{wording.thousands(position[0])} of {wording.thousands(position[1])}" if position else ""
            line.show(self.query_one("#details-position", Static), place)
            self.query_one("#details-facts", Flow).show(self._facts(token))
            self.query_one("#details-hints", Flow).show(self._hints())
            for tab in self.query(DetailsTab):
                tab.show(details)
            self.query_one(TabbedContent).display = True
        self.refresh_bindings()

    def _title(self, token: TokenRecord) -> Content:
        """The name, and the status in words, with the distance where it expires soon."""
        status = wording.token_status_text(token)
        if token.status is Status.EXPIRING and not token.damaged:
            status += f" {wording.relative(token.expires_at, self.context.now())}"
        style = "$text-error" if token.damaged else STATUS_STYLES[token.status]
        return Content.assemble((safe_text(token.name), "bold"), "   ", (status, style))

    def _facts(self, token: TokenRecord) -> list[tuple[str, Content]]:
        facts = [
            ("ID", token.label),
            ("Extension", safe_text(wording.extension_text(token))),
            ("Permissions", wording.permissions_text(token)),
            *([("Row", wording.damage_text(token.damaged))] if token.damaged else []),
            ("Expires", wording.minute_text(token.expires_at, self.context.zone)),
        ]
        return [(label, Content.assemble((f"{label} ", "$text-muted"), (value, "bold"))) for label, value in facts]

    def _failed(self, error: Failure) -> None:
        if isinstance(error, NoSuchToken):
            self._gone()
            return
        hint = error.hint if isinstance(error, TokentuiError) else ""
        self.query_one(Notice).say(
            f"{error.message}.",
            *([hint] if hint else []),
            f"Trying again; {self.keys.first('app.refresh')} tries at once.",
        )
        self._retry.later()

    @on(DatabaseState)
    def tell_problem(self) -> None:
        """Says that what is shown was known last, or reads again."""
        if self.details is not None:
            self.query_one(Notice).say(*self.problem_lines())
        if not self.problem:
            self.load()

    def _gone(self) -> None:
        """Somebody has removed the token for good: nothing of it can be shown or done."""
        self.details = None
        self.query_one(TabbedContent).display = False
        label = format_id(self.token_id)
        self.query_one(Notice).say(
            f"{label} is not there any longer: it was removed for good.",
            "",
            f"{self.keys.first('app.back')} goes back.",
        )
        self.query_one("#details-hints", Flow).show(self._hints())
        self.refresh_bindings()

    # Tabs

    @on(TabbedContent.TabActivated)
    def change_tab(self, event: TabbedContent.TabActivated) -> None:
        """Tells the tab that is left and the one that is opened."""
        if isinstance(event.pane, DetailsTab) and event.pane is not self._active:
            if self._active is not None:
                self._active.closed()
            self._active = event.pane
            self._active.opened()

    @on(events.ScreenSuspend)
    def cover(self) -> None:
        """Another screen lies over this one."""
        if self._active is not None:
            self._active.closed()

    @on(events.ScreenResume)
    def uncover(self) -> None:
        """And is gone again."""
        if self._active is not None:
            self._active.opened()

    def action_next_tab(self) -> None:
        """The next tab, after the last one the first."""
        self._move_tab(1)

    def action_previous_tab(self) -> None:
        self._move_tab(-1)

    def _move_tab(self, step: int) -> None:
        # Not by `Tabs`: what it tells of one key would come after the next one, and take that back.
        content = self.query_one(TabbedContent)
        tabs = [tab.id or "" for tab in self.query(DetailsTab)]
        at = tabs.index(content.active) if content.active else 0
        content.active = tabs[(at + step) % len(tabs)]

    def parts(self) -> Sequence[Part]:
        return [Part(title, tooltip, synonyms, partial(self._open_tab, tab)) for tab, title, tooltip, synonyms in TABS]

    def _open_tab(self, tab: str) -> None:
        self.query_one(TabbedContent).active = tab

    @property
    def places(self) -> tuple[Place, ...]:
        """The Statistics tab has commands of its own."""
        return (Place.DETAILS, Place.STATISTICS) if isinstance(self._active, StatisticsTab) else (Place.DETAILS,)

    def command_nodes(self) -> Sequence[DOMNode]:
        """The tab before the screen."""
        return [*([self._active] if self._active else []), *super().command_nodes()]

    def label_of(self, command: Command) -> str | None:
        """Nothing to filter on a tab without a list, nothing about an old key where there is none."""
        if command.id in OLD_KEY.values() and not self._has_old_key():
            return None
        if command.id == "details.filter" and not isinstance(self._active, PermissionsTab):
            return None
        return super().label_of(command)

    # Tokens

    def action_next_token(self) -> None:
        """The next token of the list."""
        self._step(forward=True)

    def action_previous_token(self) -> None:
        """The token before it."""
        self._step(forward=False)

    def _step(self, *, forward: bool) -> None:
        if self.details is None:
            return
        spec, here = self.spec, cursor_of(self.details.token, self.spec)

        def service(context: Context) -> tuple[TokenRecord, ...]:
            if forward:
                return pages.page(context, spec, after=here, limit=1)
            return pages.page(context, spec, before=here, limit=1)

        def done(rows: tuple[TokenRecord, ...]) -> None:
            if rows:
                self.token_id = rows[0].id
                self.load()
            else:
                end = "last" if forward else "first"
                self.notify(f"This is the {end} token of the list", markup=False)

        self.read("step", service, done)

    def selected_ids(self) -> tuple[int, ...]:
        """The ID of the token that is shown, or none before it is read."""
        return () if self.details is None else (self.details.token.id,)

    def selected_token(self) -> TokenRecord | None:
        """The token, as it was last read."""
        return None if self.details is None else self.details.token

    def on_action_done(self, outcome: BulkResult | None) -> None:
        """Shows it as it is now."""
        self.load()

    # Keys

    def action_view_key(self) -> None:
        """Shows the key on the General tab, or hides it."""
        self._general().keys.toggle(old=False)

    def action_view_old_key(self) -> None:
        """Shows the old key of an overlap, or hides it."""
        self._general().keys.toggle(old=True)

    def action_copy_old_key(self) -> None:
        """Copies the old key of an overlap."""
        self._general().keys.copy_old()

    def action_stop_old(self) -> None:
        """Asks, then ends the overlap."""
        self._general().keys.stop_old()

    def _general(self) -> GeneralTab:
        """The General tab, which is opened."""
        self.query_one(TabbedContent).active = "general"
        return self.query_one(GeneralTab)

    def _has_old_key(self) -> bool:
        return self.details is not None and any(not secret.current for secret in self.details.secrets)

    def action_copy_curl(self) -> None:
        """Copies the command that tries the token."""
        self.query_one(GeneralTab).copy_curl()

    def action_edit(self, only: TokenRecord | None = None) -> None:
        """The edit form, at the part that is looked at."""
        token = self.selected_token()
        if token and not self._is_deleted(token):
            part = "permissions" if isinstance(self._active, PermissionsTab) else "general"
            self.post_message(EditToken(token.id, part))

    def action_filter(self) -> None:
        """Into the filter of the tab."""
        if self._active is not None:
            self._active.filter()

    def action_refresh(self) -> None:
        self.load()

    def action_back(self) -> None:
        """Out of what the tab has open, then to the list."""
        if self._active is None or not self._active.back():
            self.dismiss(None)

    @on(Flow.Chosen, "#details-hints")
    async def follow_hint(self, event: Flow.Chosen) -> None:
        """A click on a key."""
        await self.run_action(event.key)

    def _hints(self) -> list[tuple[str, Content]]:
        offered = {offer.command.id for offer in self.offers()}
        hints = (("edit", "token.edit", "Edit"), ("menu", "token.menu", "Menu"), ("back", "app.back", "Back"))
        return [
            (action, Content(f"{self.keys.first(command)} {word}"))
            for action, command, word in hints
            if command in offered
        ]
