"""The first page of the list as it is when the app starts, read without SQLAlchemy: importing that takes longer than
all that the app does until its first frame.

The same rows as `pages.page` gives, from the same file; where anything is out of the ordinary, nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from tokentui import migrations
from tokentui.context import Context
from tokentui.database.sqlite import connect
from tokentui.errors import DatabaseError
from tokentui.listing.stored_row import to_record
from tokentui.models.moments import to_micros
from tokentui.records import TokenRecord

_TIMEOUT = timedelta(milliseconds=200)

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
    (f"{_ENABLED} > :now AND tokens.expires_at <= :soon", "tokens.expires_at, tokens.id"),
    (f"{_ENABLED} > :soon", "tokens.expires_at, tokens.id"),
    ("tokens.disabled_at IS NOT NULL AND tokens.deleted_at IS NULL", "tokens.disabled_at DESC, tokens.id DESC"),
    (f"{_ENABLED} <= :now", "tokens.expires_at DESC, tokens.id DESC"),
)
"""By urgency, one status after the other, as `order.segments` has it."""


def first_page(context: Context, limit: int) -> tuple[TokenRecord, ...]:
    """Up to `limit` tokens that are not deleted, by urgency.

    None at all where the list is empty, or can't be read, or has a row that the program would not have written: what
    there is to say of it is said by who reads the whole list.
    """
    path = context.database.path
    if path is None or not path.is_file():
        return ()
    now, expiring = context.now(), context.settings.expiring_within
    values = {"now": to_micros(now), "soon": to_micros(now + expiring), "limit": limit}
    try:
        with closing(connect(path, read_only=True, timeout=_TIMEOUT)) as connection:
            if connection.execute("SELECT version_num FROM alembic_version").fetchone() != (migrations.HEAD,):
                return ()
            tokens: list[TokenRecord] = []
            for condition, keys in _SEGMENTS:
                values["limit"] = limit - len(tokens)
                statement = f"{_ROWS} WHERE {condition} ORDER BY {keys} LIMIT :limit"
                for row in connection.execute(statement, values):
                    tokens.append(to_record(row, now=now, expiring=expiring))
                if len(tokens) == limit:
                    break
    except (sqlite3.Error, OSError, DatabaseError):
        return ()
    return () if any(token.damaged for token in tokens) else tuple(tokens)
