"""The palette's commands: those of the table of commands that the screen in front has, and the themes."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tokentui.screens.base import keys_of
from tokentui.screens.command import Command
from tokentui.screens.commands import COMMANDS


class CommandProvider(Provider):
    """Finds commands by their names; only those that the screen offers now."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for command in self._offered():
            yield DiscoveryHit(self._name(command), partial(self._run, command), help=command.tooltip)

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for command in self._offered():
            score = matcher.match(self._name(command))
            if score > 0:
                hit = matcher.highlight(self._name(command))
                yield Hit(score, hit, partial(self._run, command), help=command.tooltip)
        for theme in self.app.available_themes:
            name = f"Theme: {theme}"
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), partial(setattr, self.app, "theme", theme), help="Kept")

    def _offered(self) -> list[Command]:
        active = {binding.binding.id for binding in self.screen.active_bindings.values() if binding.enabled}
        return [command for command in COMMANDS if command.id in active and command.action != "command_palette"]

    def _name(self, command: Command) -> str:
        return f"{command.tooltip} ({keys_of(self.app).shown(command.id)})"

    async def _run(self, command: Command) -> None:
        await self.screen.run_action(command.action)
