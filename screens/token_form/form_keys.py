"""The keys of a step: what each does, to read and to click; in two lines where one is too narrow."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.content import Content

from tokentui.screens.base import keys_of
from tokentui.screens.commands import BY_ID
from tokentui.screens.keys import readable
from tokentui.screens.widgets.flow import Flow


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key and what it does. `command` is an ID of the table of commands, or the name of a key that can't be rebound.

    `action` is what a click on it does, as the screen knows it; empty for nothing.
    """

    command: str
    word: str
    action: str = ""


class FormKeys(Flow):
    """`Space tick  PgUp back  PgDn Create  Esc cancel`, in as many lines as the width makes needful."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(gap=2, id=id)
        self._hints: tuple[KeyHint, ...] = ()

    def show_keys(self, *hints: KeyHint) -> None:
        """Shows other keys, as the operator has bound them."""
        self._hints = hints
        table = keys_of(self.app)
        self.show(
            [
                (str(number), Content.assemble((f"{key} ", "bold $footer-key-foreground"), hint.word))
                for number, hint in enumerate(hints)
                for key in (table.first(hint.command) if hint.command in BY_ID else readable(hint.command),)
            ]
        )

    @on(Flow.Chosen)
    async def run(self, event: Flow.Chosen) -> None:
        """A click does what the key does."""
        event.stop()
        if action := self._hints[int(event.key)].action:
            await self.screen.run_action(action)
