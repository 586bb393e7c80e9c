"""The first page of the list as it is when the app starts, read without SQLAlchemy: importing that takes longer than
all that the app does until its first frame.

The same rows as `pages.page` gives, from the same file; where anything is out of the ordinary, nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from tokentui import addresses, migrations
from tokentui.context import Context
from tokentui.crypto.key_format import ID_SPACE
from tokentui.database.sqlite import connect
from tokentui.errors import DatabaseError
from tokentui.models.moments import EPOCH, LATEST, from_micros, not_ahead, to_micros
from tokentui.models.status import Status
from tokentui.records import TokenRecord

_TIMEOUT = timedelta(milliseconds=200)
_LATEST_MICROS = to_micros(LATEST)

_ROWS = """
SELECT tokens.id, tokens.name, tokens.external_id, tokens.description, tokens.owner, tokens.extension_slug,
  extensions.name, extensions.code, tokens.all_modules,
  (SELECT group_concat(module_slug, ' ') FROM token_modules WHERE token_id = tokens.id), tokens.networks,
  tokens.created_at, tokens.created_by, tokens.updated_at, tokens.updated_by,
  tokens.expires_at, tokens.disabled_at, tokens.deleted_at, tokens.last_used_at, tokens.last_used_from, tokens.version
FROM tokens LEFT JOIN extensions ON extensions.slug = tokens.extension_slug
"""
_ENABLED = "tokens.deleted_at IS NULL AND tokens.disabled_at IS NULL AND tokens.expires_at"
_SEGMENTS = (
    (Status.EXPIRING, f"{_ENABLED} > :now AND tokens.expires_at <= :soon", "tokens.expires_at, tokens.id"),
    (Status.ACTIVE, f"{_ENABLED} > :soon", "tokens.expires_at, tokens.id"),
    (
        Status.DISABLED,
        "tokens.disabled_at IS NOT NULL AND tokens.deleted_at IS NULL",
        "tokens.disabled_at DESC, tokens.id DESC",
    ),
    (Status.EXPIRED, f"{_ENABLED} <= :now", "tokens.expires_at DESC, tokens.id DESC"),
)
"""By urgency, one status after the other, as `order.segments` has it."""

_TEXT = (str,)
_TEXT_OR_NULL = (str, type(None))
_MOMENT = (int,)
_MOMENT_OR_NULL = (int, type(None))
_TYPES: tuple[tuple[type, ...], ...] = (
    (int,), _TEXT, _TEXT_OR_NULL, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, (int,), _TEXT_OR_NULL, _TEXT,
    _MOMENT, _TEXT, _MOMENT, _TEXT, _MOMENT, _MOMENT_OR_NULL, _MOMENT_OR_NULL, _MOMENT, _TEXT, (int,),
)  # fmt: skip


def first_page(context: Context, limit: int) -> tuple[TokenRecord, ...]:
    """Up to `limit` tokens that are not deleted, by urgency.

    None at all where the list is empty, or can't be read, or has a row that the program would not have written: what
    there is to say of it is said by who reads the whole list.
    """
    path = context.database.path
    if path is None or not path.is_file():
        return ()
    now = context.now()
    values: dict[str, object] = {
        "now": to_micros(now),
        "soon": to_micros(now + context.settings.expiring_within),
        "limit": limit,
    }
    try:
        with closing(connect(path, read_only=True, timeout=_TIMEOUT)) as connection:
            if connection.execute("SELECT version_num FROM alembic_version").fetchone() != (migrations.HEAD,):
                return ()
            tokens: list[TokenRecord] = []
            for status, condition, keys in _SEGMENTS:
                values["limit"] = limit - len(tokens)
                statement = f"{_ROWS} WHERE {condition} ORDER BY {keys} LIMIT :limit"
                tokens += [_record(row, status, now) for row in connection.execute(statement, values)]
                if len(tokens) == limit:
                    break
    except (sqlite3.Error, OSError, DatabaseError, _Damaged):
        return ()
    return tuple(tokens)


class _Damaged(Exception):
    """A row holds what the program never writes."""


def _record(row: tuple[Any, ...], status: Status, now: datetime) -> TokenRecord:
    if any(type(value) not in types for types, value in zip(_TYPES, row, strict=True)):
        raise _Damaged
    (
        token_id, name, external_id, description, owner, slug, extension, code, all_modules, modules, networks,
        created_at, created_by, updated_at, updated_by, expires_at, disabled_at, deleted_at, used_at, used_from,
        version,
    ) = row  # fmt: skip
    moments = (created_at, updated_at, expires_at, disabled_at or 0, used_at)
    if all_modules not in (0, 1) or not 0 <= token_id < ID_SPACE or not addresses.are_networks(networks):
        raise _Damaged
    if not all(0 <= moment <= _LATEST_MICROS for moment in moments):
        raise _Damaged
    used = _moment(used_at, EPOCH)
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
        modules=tuple(sorted((modules or "").split())),
        networks=tuple(networks.split()),
        status=status,
        created_at=from_micros(created_at),
        created_by=created_by,
        updated_at=from_micros(updated_at),
        updated_by=updated_by,
        expires_at=_moment(expires_at, LATEST),
        disabled_at=None if disabled_at is None else from_micros(disabled_at),
        deleted_at=deleted_at,
        last_used_at=not_ahead(used, now),
        last_used_from=used_from,
        version=version,
        last_use_ahead=used if used is not None and used > now else None,
    )


def _moment(micros: int, never: datetime) -> datetime | None:
    moment = from_micros(micros)
    return None if moment == never else moment
