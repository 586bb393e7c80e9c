"""The Textual application: theme, key map, which screen opens which. What a screen shows is its own business."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import App
from textual.binding import BindingType

from tokentui.context import Context
from tokentui.screens.commands import Place, bindings
from tokentui.screens.messages import EditToken, MakeToken, OpenToken, TokensChanged
from tokentui.watcher import Watcher


class TokentuiApp(App[None]):
    """The terminal app on one open context."""

    TITLE = "tokentui"
    CSS_PATH = "styles/app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.EVERYWHERE)]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._watcher: Watcher | None = None

    def on_mount(self) -> None:
        """Opens the table; begins to look for changes by others."""
        from tokentui.screens.table import TokensScreen

        self.set_keymap(dict(self.context.settings.keys))
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
    @work
    async def make_token(self, message: MakeToken) -> None:
        """Runs the wizard; goes to the details where that was chosen."""
        from tokentui.screens.wizard.screen import WizardScreen
        from tokentui.tokens.paging import ListSpec

        token_id = await self.push_screen_wait(WizardScreen())
        if token_id is not None:
            self.open_token(OpenToken(token_id, ListSpec()))

    @on(EditToken)
    def edit_token(self, message: EditToken) -> None:
        """Opens the edit form."""
        from tokentui.screens.edit import EditScreen

        self.push_screen(EditScreen(message.token_id, message.part))


def run(context: Context) -> None:
    """Runs the app until the operator leaves it."""
    TokentuiApp(context).run()
