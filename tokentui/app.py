"""The Textual application: theme, key map, which screen opens which. What a screen shows is its own business."""

from __future__ import annotations

import os
import signal
import traceback
from pathlib import Path

from rich.text import Text
from textual import events, on, work
from textual.app import App

from tokentui.context import Context
from tokentui.screens.commands import Place, bindings
from tokentui.screens.messages import EditToken, MakeToken, OpenToken, TokensChanged
from tokentui.screens.palette import CommandProvider
from tokentui.ui import saved_theme
from tokentui.ui.watcher import Watcher


class TokentuiApp(App[None]):
    """The terminal app on one open context."""

    TITLE = "tokentui"
    CSS_PATH = "styles/app.tcss"
    BINDINGS = [*bindings(Place.EVERYWHERE)]
    COMMANDS = {CommandProvider}

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._watcher: Watcher | None = None

    def on_mount(self) -> None:
        """Opens the table; begins to look for changes by others."""
        from tokentui.screens.tokens.screen import TokensScreen

        self.set_keymap(dict(self.context.settings.keys))
        theme = self.context.settings.theme or saved_theme.load_theme(self.context.settings.home)
        if theme in self.available_themes:
            self.theme = theme
        self.theme_changed_signal.subscribe(
            self, lambda theme: saved_theme.keep_theme(self.context.settings.home, theme.name)
        )
        self.push_screen(TokensScreen())
        self._watcher = Watcher(self.context.database, lambda: self.post_message(TokensChanged()))
        self._watcher.start()

    def on_unmount(self) -> None:
        """Ends the watcher before the terminal is given back."""
        if self._watcher is not None:
            self._watcher.stop()

    @on(TokensChanged)
    def pass_on(self, message: TokensChanged) -> None:
        """Every open screen looks at what it shows."""
        for screen in self.screen_stack:
            screen.post_message(TokensChanged())

    @on(OpenToken)
    def open_token(self, message: OpenToken) -> None:
        """Shows a token's details."""
        from tokentui.screens.details.screen import DetailsScreen

        self.push_screen(DetailsScreen(message.token_id, message.spec))

    @on(MakeToken)
    @work(group="action", exclusive=True)
    async def make_token(self, message: MakeToken) -> None:
        """Runs the wizard; goes to the details where that was chosen."""
        from tokentui.listing.pages import ListSpec
        from tokentui.screens.wizard.screen import WizardScreen

        token_id = await self.push_screen_wait(WizardScreen())
        if token_id is not None:
            self.open_token(OpenToken(token_id, ListSpec()))

    @on(EditToken)
    def edit_token(self, message: EditToken) -> None:
        """Opens the edit form."""
        from tokentui.screens.edit.screen import EditScreen

        self.push_screen(EditScreen(message.token_id, message.part))

    async def on_event(self, event: events.Event) -> None:
        """Hands a key to the input that got the focus after it was pressed: `/` and what is typed right behind it."""
        if isinstance(event, events.Key) and event.is_forwarded:
            focused = self.focused
            if focused is not None and focused.check_consume_key(event.key, event.character):
                focused.post_message(events.Key(event.key, event.character))
                return
        await super().on_event(event)

    def _fatal_error(self) -> None:
        # Textual would print every local variable of every frame: among them, one day, a key.
        self.bell()
        error = getattr(self._exception, "error", self._exception)  # what a failed worker failed of
        frames = traceback.extract_tb(error.__traceback__) if error else []
        where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        fault = f"tokentui: a fault of the program, {type(error).__name__}{where}"
        shown = "".join(traceback.format_list(frames)) if os.environ.get("TOKENTUI_DEBUG") else ""
        self._exit_renderables.append(Text(f"{shown}{fault}: please report it; nothing half done was kept"))
        self._close_messages_no_wait()

    async def action_back(self) -> None:
        """Out of wherever one is, as the screen knows it; the table is the last screen and stays."""
        own = getattr(self.screen, "action_back", None)
        if own is not None:
            own()
        elif len(self.screen_stack) > 2:
            self.pop_screen()

    def action_refresh(self) -> None:
        """Every screen reads again."""
        self.post_message(TokensChanged())

    def action_help(self) -> None:
        """Every key, over whatever is shown."""
        from tokentui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())


def run(context: Context) -> None:
    """Runs the app until the operator leaves it, or the connection does."""
    app = TokentuiApp(context)

    def leave(number: int, frame: object) -> None:
        app.call_later(app.exit)

    # A line that is cut (HUP) or a polite kill ends the app as ctrl+q does; what is being written is finished.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, leave)
    app.run()
