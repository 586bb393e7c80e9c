"""The last line of a screen: the keys that do something as things stand, and what is waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from textual import on
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from tokentui.screens.base import ServiceCalls
from tokentui.screens.command import Place
from tokentui.screens.commands import BY_ID
from tokentui.screens.keys import readable
from tokentui.screens.offers import Offer
from tokentui.screens.widgets.key_line import KeyEntry, KeyLine

ENTRIES: Mapping[Place, tuple[str, ...]] = {
    Place.TOKENS: (
        "tokens.open",
        "tokens.new",
        "tokens.filter",
        "tokens.mark",
        "token.menu",
        "token.copy_key",
        "token.toggle",
        "token.restore",
        "tokens.undo",
        "token.rotate",
        "token.renew",
        "token.delete",
        "token.edit",
        "tokens.sort",
        "tokens.export",
        "token.copy_id",
    ),
    Place.DETAILS: (
        "app.back",
        "details.view_key",
        "token.copy_key",
        "token.menu",
        "token.edit",
        "token.toggle",
        "token.restore",
        "token.rotate",
        "token.renew",
        "token.delete",
        "details.try_it",
        "token.copy_id",
    ),
}
"""The commands of a place's footer, the most wanted first: the later ones are left out where there is no room."""

ALWAYS = ("tokens.quit", "app.help")
"""At the end of every footer that has them."""


class Footer(KeyLine):
    """Shows what its screen offers; nothing while another screen lies over it. A click does what the key does."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.call_after_refresh(self.refresh_offers)

    def refresh_offers(self) -> None:
        """Shows what is offered now."""
        screen = self.screen
        if not isinstance(screen, ServiceCalls) or not self.is_attached:
            return
        offers = {offer.command.id: offer for offer in screen.offers()} if self.app.screen is screen else {}
        ids = [command_id for place in screen.places for command_id in ENTRIES.get(place, ())]
        hints = cast("tuple[KeyEntry, ...]", getattr(screen.focused, "KEY_HINTS", ())) if offers else ()
        self.show(
            [*hints, *self._entries_of(offers[command_id] for command_id in ids if command_id in offers)],
            always=self._entries_of(offers[command_id] for command_id in ALWAYS if command_id in offers),
        )

    def _entries_of(self, offers: Iterable[Offer]) -> list[KeyEntry]:
        """Those whose keys do it, rather than going into a text that is being typed."""
        screen = cast(ServiceCalls, self.screen)
        active = {key: active.binding.id for key, active in screen.active_bindings.items()}
        entries = []
        for offer in offers:
            command_id = offer.command.id
            keys = (key for key in screen.keys.keys(command_id) if active.get(key) == command_id)
            key = next((key for key in keys if not _is_typed(screen.focused, key)), None)
            if key is not None:
                entries.append(KeyEntry(readable(key), offer.label, command_id))
        return entries

    def _changed(self, screen: Screen[Any]) -> None:
        self.refresh_offers()

    @on(KeyLine.Chosen)
    async def choose(self, event: KeyLine.Chosen) -> None:
        """A click on a key."""
        event.stop()
        await cast(ServiceCalls, self.screen).run_command(BY_ID[event.name])


def _is_typed(focused: Widget | None, key: str) -> bool:
    """Whether a key goes into a text that is being typed."""
    return focused is not None and focused.check_consume_key(key, key_to_character(key))
