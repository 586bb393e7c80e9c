"""A key on the screen: covered until it is asked for, and covered again by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tokentui.crypto.key_format import Key, masked
from tokentui.screens.base import keys_of
from tokentui.screens.widgets.flow import Flow

CURRENT_KEY = {"view": "details.view_key", "copy": "token.copy_key"}
OLD_KEY = {"view": "details.view_old_key", "copy": "details.copy_old_key", "stop": "details.stop_old"}
"""What can be done with a key, each with the ID of its command."""

SHOWN_ONCE = "It is shown here and never again: no copy is kept."
"""What is said beside a key that was just made where the settings have `reveal = false`."""

SHOWN_FOR = 30.0
"""Seconds after which a key that is shown is covered again."""


class SecretField(Widget):
    """The key of a token, as wide covered as open, over or beside *View* and *Copy*.

    It holds a key only while it shows it. Where the key comes from is the host's business: it hears `ViewWanted` and
    `CopyWanted`, and answers the first with `reveal`. Covered after `SHOWN_FOR` seconds, and when the app is suspended;
    `cover` does it at once.
    """

    shown: reactive[bool] = reactive(False)
    """Whether the key is open."""

    @dataclass
    class ViewWanted(Message):
        """The key is to be shown."""

        field: SecretField
        """The field that is to show it."""

    @dataclass
    class CopyWanted(Message):
        """The key is to be copied."""

        field: SecretField
        """The field whose key is meant."""

    @dataclass
    class StopWanted(Message):
        """The key is to stop working."""

        field: SecretField
        """The field whose key is meant."""

    def __init__(
        self,
        token_id: int,
        *,
        commands: Mapping[str, str] = CURRENT_KEY,
        named: bool = True,
        is_imported: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`commands`: what can be done, by which command of the table. `named` shows its key beside the word.

        `is_imported`: the key is one of another system, without the ID in it.
        """
        super().__init__(id=id, classes=classes)
        self.token_id = token_id
        self._masked = masked(token_id, is_imported=is_imported)
        self._commands = commands
        self._named = named
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The key, and what can be done with it."""
        yield Static(Content(self._masked), id="secret-text")
        yield Flow(id="secret-keys", gap=2)

    def on_mount(self) -> None:
        """A suspended app leaves no key on the screen for whoever comes by."""
        self._show_keys()
        self.app.app_suspend_signal.subscribe(self, self._suspended, immediate=True)

    def reveal(self, key: Key) -> None:
        """Shows a key, for `SHOWN_FOR` seconds."""
        self._show_text(key.text)
        self.shown = True
        self._stop()
        self._timer = self.set_timer(SHOWN_FOR, self.cover)

    def cover(self) -> None:
        self._stop()
        if self.shown:
            self.shown = False
            self._show_text(self._masked)

    def toggle(self) -> None:
        """Covers the key, or asks the host for it."""
        if self.shown:
            self.cover()
        else:
            self.post_message(self.ViewWanted(self))

    def watch_shown(self) -> None:
        if self.is_mounted:
            self._show_keys()

    @on(Flow.Chosen)
    def choose(self, event: Flow.Chosen) -> None:
        """A click on View or Copy."""
        event.stop()
        if event.key == "view":
            self.toggle()
        elif event.key == "copy":
            self.post_message(self.CopyWanted(self))
        else:
            self.post_message(self.StopWanted(self))

    def _show_text(self, text: str) -> None:
        # A field that another has replaced meanwhile has lost its children already.
        for line in self.query("#secret-text").results(Static):
            line.update(Content(text))

    def _show_keys(self) -> None:
        names = {"view": "Hide" if self.shown else "View", "copy": "Copy", "stop": "Stop now"}
        table = keys_of(self.app)
        words = [
            (key, f"{table.first(command)} {names[key]}" if self._named else names[key])
            for key, command in self._commands.items()
        ]
        # Replaced by another while it was being mounted, it has lost its children already.
        for keys in self.query("#secret-keys").results(Flow):
            keys.show([(key, Content(text)) for key, text in words])

    def _suspended(self, app: App[Any]) -> None:
        self.cover()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
