"""What tests make: a clock that stands still, and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tokentui import catalog
from tokentui.context import Context
from tokentui.records import Issued, NewToken
from tokentui.tokens.create import create_token

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


class FrozenClock:
    """Stands at `START` until it is moved."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **distance: float) -> None:
        """Moves on by a timedelta's arguments."""
        self.moment += timedelta(**distance)

    def set(self, moment: datetime) -> None:
        """Moves to an aware moment."""
        self.moment = moment


def make_token(context: Context, name: str = "Billing export", *, days: float | None = 30, **fields: Any) -> Issued:
    """A Custom token with all modules that expires in `days` (None: never), unless the fields say otherwise."""
    fields.setdefault("expires_at", None if days is None else context.now() + timedelta(days=days))
    if not fields.get("modules"):
        asks = "extension" not in fields or catalog.load(context).extension(fields["extension"]).asks_permissions
        fields.setdefault("all_modules", asks)
    return create_token(context, NewToken(name=name, **fields))
