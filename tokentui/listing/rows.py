"""From a row of `tokens` to a `TokenRecord`: one select that every reader uses, without ORM objects."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from tokentui import addresses
from tokentui.context import Context
from tokentui.crypto.key_format import ID_SPACE, format_id
from tokentui.errors import NoSuchToken
from tokentui.models import (
    EPOCH,
    Damaged,
    DamagedMoment,
    DamagedText,
    Extension,
    Token,
    TokenModule,
    moments,
    status_of,
)
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
    type_coerce(Token.all_modules, Integer).label("all_modules"),  # as the column has it, not yet as true or false
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


_NULL = type(None)
_TEXT: frozenset[type] = frozenset({str})
_TEXT_OR_NULL: frozenset[type] = frozenset({str, _NULL})
_MOMENT: frozenset[type] = frozenset({datetime})
_MOMENT_OR_NULL: frozenset[type] = frozenset({datetime, _NULL})
_WHOLE: frozenset[type] = frozenset({int})
_TYPES: dict[str, frozenset[type]] = {
    "id": _WHOLE,
    "name": _TEXT,
    "external_id": _TEXT_OR_NULL,
    "description": _TEXT,
    "owner": _TEXT,
    "extension_slug": _TEXT,
    "extension_name": _TEXT,  # NULL where there is no such extension
    "extension_code": _TEXT,
    "all_modules": frozenset({int, bool}),
    "module_slugs": _TEXT_OR_NULL,
    "networks": _TEXT,
    "created_at": _MOMENT,
    "created_by": _TEXT,
    "updated_at": _MOMENT,
    "updated_by": _TEXT,
    "expires_at": _MOMENT_OR_NULL,
    "disabled_at": _MOMENT_OR_NULL,
    "deleted_at": _MOMENT_OR_NULL,
    "last_used_at": _MOMENT_OR_NULL,
    "last_used_from": _TEXT,
    "version": _WHOLE,
}
"""The columns of `SELECT`, and of which types their values are where the program wrote them."""


def to_record(row: Row[Any], context: Context) -> TokenRecord:
    """One row of `SELECT`, with the status of this moment."""
    damaged, now = _damaged_fields(row), context.now()
    (
        token_id, name, external_id, description, owner, slug, extension, code, all_modules, modules, networks,
        created_at, created_by, updated_at, updated_by, expires_at, disabled_at, deleted_at, used_at, used_from,
        version,
    ) = _readable(row) if damaged else row  # fmt: skip
    return TokenRecord(
        id=token_id,
        name=name,
        external_id=external_id,
        description=description,
        owner=owner,
        extension_slug=slug,
        extension_name=extension,
        extension_code=code,
        all_modules=all_modules == 1,
        modules=tuple(sorted(modules.split())) if modules else (),
        networks=tuple(networks.split()),
        status=status_of(
            deleted_at=deleted_at,
            disabled_at=disabled_at,
            expires_at=expires_at,
            now=now,
            expiring=context.settings.expiring_within,
        ),
        created_at=created_at,
        created_by=created_by,
        updated_at=updated_at,
        updated_by=updated_by,
        expires_at=expires_at,
        disabled_at=disabled_at,
        deleted_at=deleted_at,
        last_used_at=not_ahead(used_at, now),
        last_used_from=used_from,
        version=version,
        damaged=damaged,
        last_use_ahead=used_at if used_at and used_at > now else None,
    )


def not_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    """`moments.not_ahead`; what is damaged stays, and is told as that."""
    return moment if isinstance(moment, Damaged) else moments.not_ahead(moment, now)


def _damaged_fields(row: Row[Any]) -> tuple[str, ...]:
    """The fields whose value is none that the program could have written."""
    damaged = [
        name for name, types, value in zip(_TYPES, _TYPES.values(), row, strict=True) if type(value) not in types
    ]
    if "id" not in damaged and not 0 <= row.id < ID_SPACE:
        damaged.append("id")
    if type(row.all_modules) in (int, bool) and row.all_modules not in (0, 1):
        damaged.append("all_modules")
    if row.networks and not addresses.are_networks(row.networks):
        damaged.append("networks")
    return tuple(damaged)


def _readable(row: Row[Any]) -> tuple[Any, ...]:
    """The row with a value that is safe to show in each field. What its types make of a value is safe already."""
    values = row._asdict()
    if values["extension_name"] is None:
        values.update(extension_name=values["extension_slug"], extension_code="")
    for name, types in _TYPES.items():
        value = values[name]
        if types in (_TEXT, _TEXT_OR_NULL) and not isinstance(value, tuple(types)):
            values[name] = DamagedText.decoded(value)
        elif types is _MOMENT and value is None:
            values[name] = DamagedMoment.at(EPOCH, value)
        elif int in types and type(value) not in types:
            values[name] = 0
    return tuple(values.values())


def find(session: Session, context: Context, token_id: int) -> TokenRecord:
    """The token inside an open transaction; raises NoSuchToken."""
    row = session.execute(SELECT.where(Token.id == token_id)).one_or_none()
    if row is None:
        raise NoSuchToken(f"there is no token {format_id(token_id)}", "see `tokentui list`")
    return to_record(row, context)


def find_many(session: Session, context: Context, ids: Collection[int]) -> dict[int, TokenRecord]:
    """The tokens of some IDs, by these, inside an open transaction; as many as a query may have parameters."""
    return {row.id: to_record(row, context) for row in session.execute(SELECT.where(Token.id.in_(ids)))}
