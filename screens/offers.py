"""What a screen offers as things stand: footer, row menu and palette show this and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.dom import DOMNode
from textual.screen import Screen

from tokentui.screens.command import Command, Place
from tokentui.screens.commands import commands

if TYPE_CHECKING:
    _MixedInto = Screen[Any]
else:
    # Not a node itself: as the first base it would hide what Textual collects from the bases of a screen.
    _MixedInto = object


class Offer(NamedTuple):
    """A command, and what it is called as things stand: `Enable` for a disabled token, `Disable 2` with marks."""

    command: Command
    label: str


class Part(NamedTuple):
    """A part of what the screen shows that the palette leads to, and the words that find it too."""

    title: str
    tooltip: str
    synonyms: str
    run: Callable[[], object]


TABS = (
    ("statistics", "Statistics", "Responses of the token by day", "usage requests errors chart traffic"),
    ("permissions", "Permissions", "Which modules the token may use", "modules rights scope"),
    ("history", "History", "Who did what to the token, and when", "audit log changes who"),
)
"""The tabs of a token's details that the palette leads to: the tab, its title, what it shows, synonyms."""


class Offers(_MixedInto):
    """Mixed into screens that offer commands."""

    PLACES: tuple[Place, ...] = ()
    """Where one is on this screen."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where one is now: more than `PLACES` where a part of the screen has commands of its own."""
        return self.PLACES

    def command_nodes(self) -> Sequence[DOMNode]:
        """What has the methods of commands, the first that has one carries it out."""
        return (self, self.app)

    def label_of(self, command: Command) -> str | None:
        """What a command is called as things stand; None where it would do nothing or be refused."""
        return command.label

    def offers(self) -> tuple[Offer, ...]:
        """The commands that are carried out now."""
        return tuple(
            Offer(command, label)
            for command in commands(*self.places, Place.EVERYWHERE)
            if self.check_action(command.method, ()) and (label := self.label_of(command)) is not None
        )

    def parts(self) -> Sequence[Part]:
        """The parts that the palette leads to."""
        return ()

    async def run_command(self, command: Command) -> None:
        """Carries a command out, as its key would."""
        for node in self.command_nodes():
            if hasattr(node, f"action_{command.method}"):
                await self.app.run_action(command.action.removeprefix("app."), default_namespace=node)
                return
