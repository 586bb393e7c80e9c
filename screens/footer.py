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

ENTRIES: Mapping[Place, tuple[tuple[str, int], ...]] = {
    Place.TOKENS: (
        ("tokens.open", 8),
        ("tokens.new", 1),
        ("tokens.filter", 2),
        ("tokens.mark", 10),
        ("token.menu", 6),
        ("token.copy_key", 7),
        ("token.toggle", 3),
        ("token.restore", 3),
        ("tokens.undo", 6),
        ("token.rotate", 4),
        ("token.renew", 9),
        ("token.delete", 5),
        ("token.edit", 11),
        ("tokens.sort", 12),
        ("tokens.export", 13),
        ("token.copy_id", 14),
        ("tokens.audit", 15),
    ),
    Place.AUDIT: (
        ("app.back", 1),
        ("audit.open", 3),
        ("audit.filter", 2),
        ("audit.export", 4),
    ),
    Place.DETAILS: (
        ("app.back", 1),
        ("details.view_key", 2),
        ("token.copy_key", 3),
        ("token.menu", 7),
        ("token.edit", 8),
        ("token.toggle", 4),
        ("token.restore", 4),
        ("token.rotate", 5),
        ("token.renew", 9),
        ("token.delete", 6),
        ("details.try_it", 10),
        ("token.copy_id", 11),
    ),
}
"""The commands of a place's footer in their order, each with its rank: the highest are left out first."""

_SHORT_BELOW = 100
_SHORT = {"token.copy_key": "Copy"}
"""What a command is called in a footer of fewer cells."""

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
        entries = [entry for place in screen.places for entry in ENTRIES.get(place, ())]
        hints = cast("tuple[KeyEntry, ...]", getattr(screen.focused, "key_hints", ())) if offers else ()
        self.show(
            [*hints, *self._entries_of((offers[name], rank) for name, rank in entries if name in offers)],
            always=self._entries_of((offers[name], 0) for name in ALWAYS if name in offers),
        )

    def on_resize(self) -> None:
        self.refresh_offers()

    def _entries_of(self, offers: Iterable[tuple[Offer, int]]) -> list[KeyEntry]:
        """Those whose keys do it, rather than going into a text that is being typed."""
        screen = cast(ServiceCalls, self.screen)
        active = {key: active.binding.id for key, active in screen.active_bindings.items()}
        short = _SHORT if self.size.width < _SHORT_BELOW else {}
        entries = []
        for offer, rank in offers:
            command_id = offer.command.id
            keys = (key for key in screen.keys.keys(command_id) if active.get(key) == command_id)
            key = next((key for key in keys if not _is_typed(screen.focused, key)), None)
            if key is not None:
                entries.append(KeyEntry(readable(key), short.get(command_id, offer.label), command_id, rank))
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
    shown = readable(key)
    character = key_to_character(key) or (shown if len(shown) == 1 and shown.isascii() else None)  # None for "slash"
    return focused is not None and focused.check_consume_key(key, character)
