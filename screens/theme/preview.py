"""Themes are shown as one moves through them in the palette, and kept once one is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.command import Command, CommandPalette

from tokentui.terminal.textual_internals import TerminalApp


class ThemeApp(TerminalApp):
    """An app with a theme that was chosen, `kept_theme`, and perhaps another that is only looked at."""

    kept_theme = ""

    def keep_theme(self, name: str) -> None:
        """Shows a theme from now on."""
        self.kept_theme = self.theme = name

    @on(CommandPalette.OptionHighlighted)
    def look_at_theme(self, event: CommandPalette.OptionHighlighted) -> None:
        """Shows the theme under the palette's cursor; the one that is kept where another entry is."""
        option = event.highlighted_event.option
        choice = option.hit.command if isinstance(option, Command) else None
        self.theme = choice.name if isinstance(choice, UseTheme) else self.kept_theme

    @on(CommandPalette.Closed)
    def close_palette(self, event: CommandPalette.Closed) -> None:
        """Back to the theme that is kept, where none was chosen."""
        if not event.option_selected:
            self.theme = self.kept_theme


@dataclass(frozen=True)
class UseTheme:
    """Keeps a theme, when it is called."""

    app: ThemeApp
    name: str

    def __call__(self) -> None:
        self.app.keep_theme(self.name)
