"""The Textual application: theme, key map, which screen opens which. What a screen shows is its own business."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import events, on, work
from textual.command import Provider
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import get_current_worker

from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.screens.base import ServiceCalls
from tokentui.screens.command import Place
from tokentui.screens.commands import BY_ID, MOTIONS, bindings
from tokentui.screens.keys import KeyTable, check_keys, check_theme
from tokentui.screens.messages import (
    DatabaseOpened,
    DatabaseState,
    EditToken,
    MakeToken,
    OpenAudit,
    OpeningFailed,
    OpenToken,
    TokenMade,
    TokensChanged,
)
from tokentui.screens.offers import Offers
from tokentui.screens.theme.contrast import color_filter
from tokentui.screens.theme.own import OWN_THEME, color_depth, default_theme
from tokentui.screens.theme.preview import ThemeApp
from tokentui.screens.widgets.moved_by_keys import MovedByKeys
from tokentui.styles import sheets
from tokentui.terminal.ending import Ending
from tokentui.terminal.faults import EXIT_STATUS, tell_fault
from tokentui.terminal.filter_chain import FilterChain
from tokentui.terminal.key_queue import CHECK_S, KeyFollowed, KeyQueue
from tokentui.terminal.pending_work import PendingWork
from tokentui.terminal.plain_text import PlainTextFilter
from tokentui.ui import saved_theme

if TYPE_CHECKING:
    from tokentui.ui.watcher import Watcher


_COLLECTED_AFTER_S = 2.0
"""Seconds in which the app is there, with its first rows: no garbage is looked for until then."""

_COLLECTED_AT = (5_000, 10, 10)
"""So many new objects, and collections of the younger, before each collection: a page of rows makes thousands."""


def _entries_of_palette() -> type[Provider]:
    from tokentui.screens.palette import EntryProvider

    return EntryProvider


class TokentuiApp(ThemeApp):
    """The terminal app on one open context; raises SettingsError for keys or a theme that it can't have."""

    TITLE = "tokentui"
    CSS_PATH = sheets("app", "widgets", "tokens")  # a sheet that comes later has all of them parsed again
    BINDINGS = [*bindings(Place.EVERYWHERE)]
    COMMANDS = {_entries_of_palette}

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.register_theme(OWN_THEME)
        check_keys(context.settings.keys, context.settings.config_file)
        check_theme(context.settings.theme, self.available_themes, context.settings.config_file)
        depth = color_depth(self.console)
        stored = saved_theme.load_theme(context.settings.home)
        themes = (context.settings.theme, stored, default_theme(depth, no_color=self.no_color))
        self.kept_theme = next(theme for theme in themes if theme in self.available_themes)
        self.begin_with_theme(self.kept_theme)
        self._color_filter = color_filter(depth, no_color=self.no_color)
        self.problem = ""
        self.opening_error: TokentuiError | None = None
        """Why the database could not be opened, which ended the app."""
        self._watcher: Watcher | None = None
        self._plain_text = PlainTextFilter()
        self._filters_of_lines = FilterChain(())
        self._pending_work = PendingWork(self)
        self._keys = KeyQueue(self, self._deliver, self._pending_work, self._moves_only)
        self._key_table = KeyTable(context.settings.keys)
        self._motions = {
            place: {key: BY_ID[name].method for name in names for key in self._key_table.keys(name)}
            for place, names in MOTIONS.items()
        }

    def get_default_screen(self) -> Screen[Any]:
        """The table, not an empty screen under it that would be laid out and painted first."""
        from tokentui.screens.tokens.screen import TokensScreen

        return TokensScreen()

    def on_mount(self) -> None:
        """Begins to look for changes by others, where the database is open."""
        self.set_keymap(self._key_table.keymap)
        if self.context.database.is_open:
            self.watch_database()
        self.set_interval(CHECK_S, self._keys.check)

    @on(DatabaseOpened)
    def watch_database(self) -> None:
        """Begins to look for changes by others."""
        from tokentui.ui.watcher import Watcher

        self._watcher = Watcher(
            self.context.database,
            changed=lambda: self.post_message(TokensChanged()),
            state=lambda problem: self.post_message(DatabaseState(problem)),
        )
        self._watcher.start()

    @on(OpeningFailed)
    def give_up_opening(self, message: OpeningFailed) -> None:
        """Leaves: `run` raises why."""
        self.opening_error = message.error
        self.exit()

    def keep_theme(self, name: str) -> None:
        """Shows this theme at the next start too."""
        super().keep_theme(name)
        saved_theme.save_theme(self.context.settings.home, name)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What each line goes through on its way to the terminal: colours that can be read, or none."""
        filters = (*(() if self.no_color else super().get_line_filters()), self._color_filter, self._plain_text)
        if filters != self._filters_of_lines.filters:
            self._filters_of_lines = FilterChain(filters)
        return [self._filters_of_lines]

    def on_unmount(self) -> None:
        """Ends the watcher before the terminal is given back."""
        if self._watcher is not None:
            self._watcher.stop()

    @on(TokensChanged)
    def pass_on(self, message: TokensChanged) -> None:
        """Every open screen looks at what it shows."""
        for screen in self.screen_stack:
            screen.post_message(TokensChanged())

    @on(TokenMade)
    def pass_on_made(self, message: TokenMade) -> None:
        """The list goes to the new token, behind whatever is shown."""
        for screen in self.screen_stack:
            screen.post_message(TokenMade(message.token_id))

    @on(DatabaseState)
    def pass_on_state(self, message: DatabaseState) -> None:
        """Every open screen says whether what it shows is out of date."""
        self.problem = message.problem
        for screen in self.screen_stack:
            screen.post_message(DatabaseState(message.problem))

    def action_command_palette(self) -> None:
        """Opens the palette, where it is not open."""
        from tokentui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    @on(OpenToken)
    def open_token(self, message: OpenToken) -> None:
        """Shows a token's details."""
        from tokentui.screens.details.screen import DetailsScreen

        self.push_screen(DetailsScreen(message.token_id, message.spec, message.tab))

    @on(MakeToken)
    @work(group="action", exclusive=True)
    async def make_token(self, message: MakeToken) -> None:
        """Runs the wizard; goes to the details where that was chosen."""
        from tokentui.screens.wizard.screen import WizardScreen

        token_id = await self.push_screen_wait(WizardScreen())
        if token_id is not None:
            self.open_token(OpenToken(token_id, message.spec))

    @on(OpenAudit)
    def open_audit(self, message: OpenAudit) -> None:
        """Shows the audit of all tokens."""
        from tokentui.screens.audit.screen import AuditScreen

        self.push_screen(AuditScreen(message.spec))

    @on(EditToken)
    def edit_token(self, message: EditToken) -> None:
        """Opens the edit form."""
        from tokentui.screens.edit.screen import EditScreen

        self.push_screen(EditScreen(message.token_id, message.part))

    # Keys, and the screens that they open

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for their turn: see KeyQueue."""
        if isinstance(event, events.Key) and self._stops_waiting(event):
            return
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._keys.put(event)
        else:
            await super().on_event(event)

    def _stops_waiting(self, event: events.Key) -> bool:
        """The key that goes back ends the waiting for a service, at once: before keys that wait for their turn."""
        screen = self.screen if self.screen_stack else None
        return (
            isinstance(screen, ServiceCalls)
            and screen.busy
            and event.key in screen.keys.keys("app.back")
            and screen.give_up()
        )

    async def _deliver(self, event: events.Event) -> None:
        """Hands an event on; a key that moves a cursor goes there straight: nothing on its way is for it."""
        move = self._move_of(event) if isinstance(event, events.Key) and self.app_focus else None
        if move is None:
            await super().on_event(event)
            return
        self.hide_tooltip()
        move()

    def _moves_only(self, event: events.Key) -> bool:
        """Whether a key moves a cursor, of which many come a second."""
        return self._move_of(event) is not None

    def _move_of(self, event: events.Key) -> Callable[[], None] | None:
        """What moves the cursor of the widget with the focus, where the key does that."""
        focused = self.focused
        action = self._motions[focused.MOTIONS_OF].get(event.key) if isinstance(focused, MovedByKeys) else None
        return None if action is None else getattr(focused.mover, f"action_{action}")

    @on(KeyFollowed)
    async def key_followed(self, message: KeyFollowed) -> None:
        """What a key asked for has been handled."""
        await self._keys.followed(message)

    def push_screen(
        self,
        screen: Screen[Any] | str,
        callback: Any = None,
        wait_for_dismiss: bool = False,
        *,
        mode: str | None = None,
    ) -> Any:
        """Opens a screen, unless one of its kind is open: then nothing, and None is the answer to who waits for one."""
        if any(type(other) is type(screen) for other in self.screen_stack):
            nothing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            nothing.set_result(None)
            return nothing
        if not wait_for_dismiss:
            return super().push_screen(screen, callback, mode=mode)
        answer = super().push_screen(screen, callback, wait_for_dismiss=True, mode=mode)
        self._pending_work.waiting_for_dialog.add(get_current_worker())
        return answer

    async def push_screen_wait(self, screen: Screen[Any] | str, *, mode: str | None = None) -> Any:
        """Opens a screen and waits for its answer, in a worker."""
        try:
            return await super().push_screen_wait(screen, mode=mode)
        finally:
            self._pending_work.waiting_for_dialog.discard(get_current_worker())

    async def action_back(self) -> None:
        """Out of wherever one is, as the screen knows it; the table is the last screen and stays."""
        own = getattr(self.screen, "action_back", None)
        if own is not None:
            own()
        elif len(self.screen_stack) > 1:
            self.pop_screen()

    def action_refresh(self) -> None:
        """Every screen reads again, and every cell is written again: another program may have written over them."""
        self.repaint()
        self.post_message(TokensChanged())

    def action_help(self) -> None:
        """Every key, over whatever is shown."""
        from tokentui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.places if isinstance(self.screen, Offers) else ()))


def _collect_garbage() -> None:
    """From now on; what the start has made is no garbage, and is not looked through again with each thousand strips."""
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AT)
    gc.enable()


def run(context: Context) -> None:
    """Runs the app until the operator leaves it, a signal ends it or its terminal goes away.

    Raises SystemExit where it was not the operator: 128 and the signal's number (SIGHUP for a terminal that is gone),
    or 70 and a line on standard error for a fault of the program. Raises what the database could not be opened for.
    """
    app = TokentuiApp(context)
    ending = Ending(app.exit, app.silence)
    app.on_terminal_lost = ending.terminal_lost

    async def main() -> None:
        loop = asyncio.get_running_loop()
        threading.excepthook = lambda failed: loop.call_soon_threadsafe(app.fail, failed.exc_value or RuntimeError())
        ending.watch(loop)
        loop.call_later(_COLLECTED_AFTER_S, _collect_garbage)
        await app.run_async()

    try:
        asyncio.run(main())
    except Exception as error:
        app.fault = app.fault or error
    if ending.signal is not None:
        # Its thread goes on, for what is closed now may take its time too, but not into Python's own end: so skip that.
        atexit.register(os._exit, ending.status)
        sys.exit(ending.status)
    ending.stop()
    if app.opening_error is not None:
        raise app.opening_error
    if app.fault is not None:
        tell_fault(app.fault)
        sys.exit(EXIT_STATUS)
