"""The rows of `tokens` as records: one select that every reader uses, without ORM objects."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import NoSuchToken
from tokentui.listing.stored_row import FIELDS, to_record
from tokentui.models import Extension, Token, TokenModule
from tokentui.records import TokenRecord

_JOINED: dict[str, Any] = {
    "extension_name": Extension.name,
    "extension_code": Extension.code,
    "module_slugs": (
        select(func.aggregate_strings(TokenModule.module_slug, " "))
        .where(TokenModule.token_id == Token.id)
        .scalar_subquery()
    ),
}

# As the columns have them: `to_record` reads the values.
_COLUMNS: list[ColumnElement[Any]] = [
    type_coerce(_JOINED.get(name, getattr(Token, name, None)), NULLTYPE).label(name) for name in FIELDS
]
SELECT: Select[Any] = select(*_COLUMNS).join_from(
    Token, Extension, isouter=True
)  # outer: the table of tokens, whose order is asked for, stays the outer loop
"""Every field of a record. Kept as one object: SQLAlchemy then compiles it once."""


def read(session: Session, context: Context, statement: Select[Any]) -> tuple[TokenRecord, ...]:
    """The tokens of a statement that `SELECT` begins, with their status of this moment."""
    now, expiring = context.now(), context.settings.expiring_within
    # Of the connection, not of the session, which would look for objects to make of each row.
    return tuple(to_record(row, now=now, expiring=expiring) for row in session.connection().execute(statement).all())


def find(session: Session, context: Context, token_id: int) -> TokenRecord:
    """The token inside an open transaction; raises NoSuchToken."""
    tokens = read(session, context, SELECT.where(Token.id == token_id))
    if not tokens:
        raise NoSuchToken(f"there is no token {format_id(token_id)}", "see `tokentui list`")
    return tokens[0]


def find_many(session: Session, context: Context, ids: Collection[int]) -> dict[int, TokenRecord]:
    """The tokens of some IDs, by these, inside an open transaction; as many as a query may have parameters."""
    return {token.id: token for token in read(session, context, SELECT.where(Token.id.in_(ids)))}
