"""From a row of `tokens` to a `TokenRecord`: one select that every reader uses, without ORM objects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import NoSuchToken
from tokentui.models import Extension, Token, TokenModule, status_of
from tokentui.records import TokenRecord

_MODULES = (
    select(func.aggregate_strings(TokenModule.module_slug, " "))
    .where(TokenModule.token_id == Token.id)
    .scalar_subquery()
    .label("module_slugs")
)

SELECT: Select[Any] = select(
    Token.id,
    Token.name,
    Token.external_id,
    Token.description,
    Token.owner,
    Token.extension_slug,
    Extension.name.label("extension_name"),
    Extension.code.label("extension_code"),
    Token.all_modules,
    _MODULES,
    Token.networks,
    Token.created_at,
    Token.created_by,
    Token.updated_at,
    Token.updated_by,
    Token.expires_at,
    Token.disabled_at,
    Token.deleted_at,
    Token.last_used_at,
    Token.last_used_from,
    Token.version,
).join_from(
    Token, Extension, isouter=True
)  # outer: the table of tokens, whose order is asked for, stays the outer loop
"""Every column of a record. Kept as one object: SQLAlchemy then compiles it once."""


def to_record(row: Row[Any], context: Context) -> TokenRecord:
    """One row of `SELECT`, with the status of this moment."""
    return TokenRecord(
        id=row.id,
        name=row.name,
        external_id=row.external_id,
        description=row.description,
        owner=row.owner,
        extension_slug=row.extension_slug,
        extension_name=row.extension_name,
        extension_code=row.extension_code,
        all_modules=row.all_modules,
        modules=tuple(sorted((row.module_slugs or "").split())),
        networks=tuple(row.networks.split()),
        status=status_of(
            deleted_at=row.deleted_at,
            disabled_at=row.disabled_at,
            expires_at=row.expires_at,
            now=context.now(),
            expiring=context.settings.expiring_within,
        ),
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        expires_at=row.expires_at,
        disabled_at=row.disabled_at,
        deleted_at=row.deleted_at,
        last_used_at=row.last_used_at,
        last_used_from=row.last_used_from,
        version=row.version,
    )


def find(session: Session, context: Context, token_id: int) -> TokenRecord:
    """The token inside an open transaction; raises NoSuchToken."""
    row = session.execute(SELECT.where(Token.id == token_id)).one_or_none()
    if row is None:
        raise NoSuchToken(f"there is no token {format_id(token_id)}", "see `tokentui list`")
    return to_record(row, context)
