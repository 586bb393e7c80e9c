"""What a command is: a key, what it does, where, and for which tokens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tokentui.records import Action, TokenRecord
from tokentui.tokens import states


class Place(StrEnum):
    """Where a command works; the value is the heading in the help."""

    EVERYWHERE = "Everywhere"
    TOKENS = "Tokens"
    WIZARD = "Wizard"
    DETAILS = "Details"
    STATISTICS = "Statistics tab"
    EDIT = "Edit form"
    AUDIT = "Audit"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a key does.

    `id` is stable: people rebind by it. `keys` are Textual's key names, comma separated, the first is the one shown.
    `writes` leaves it out of a read-only app. `actions` are those on a token of which one must be allowed (none: always
    offered). `priority` puts its key before the focused widget's. `shown` is the keys as the help shows them, where
    that is not their names. `moves_in` are places whose lists its keys move in too, without a line of their own in the
    help. `motion` leaves it out of the palette, `synonyms` are other words that find it there.
    """

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    places: tuple[Place, ...]
    writes: bool = False
    actions: tuple[Action, ...] = ()
    priority: bool = False
    shown: str = ""
    moves_in: tuple[Place, ...] = ()
    motion: bool = False
    synonyms: str = ""

    @property
    def method(self) -> str:
        """The name of its action without arguments, `show_status` of `show_status('active')`."""
        return self.action.partition("(")[0].rpartition(".")[2]

    def is_offered_for(self, token: TokenRecord) -> bool:
        """Whether a token, as it stands, is offered the command. A rotation may bring a new expiry with it."""
        allowed = (states.refusal(action, token, new_expiry=True) is None for action in self.actions)
        return not self.actions or any(allowed)
