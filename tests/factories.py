"""What tests make: a clock that stands still, tokens, and very many of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from tokentui import catalog
from tokentui.context import Context
from tokentui.models import Secret, Token
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


def make_many(context: Context, number: int, *, days: float = 30) -> list[int]:
    """Tokens that have a secret which nobody knows, their IDs 1, 2, …: as quick as the database is."""
    context.vault()  # its key can't be made any more once there are secrets
    now, ids = context.now(), range(1, number + 1)
    by = {"created_at": now, "created_by": "alice"}
    common = {**by, "updated_at": now, "updated_by": "alice", "extension_slug": "custom", "all_modules": True}
    expires = now + timedelta(days=days)
    with context.database.write() as session:
        session.execute(
            insert(Token), [{"id": token, "name": f"Token {token}", "expires_at": expires, **common} for token in ids]
        )
        session.execute(
            insert(Secret),
            [{"token_id": token, "digest": token.to_bytes(32, "big"), "stops_at": None, **by} for token in ids],
        )
        session.commit()
    return list(ids)
