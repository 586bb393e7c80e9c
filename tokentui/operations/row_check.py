"""Reads every row as the program does, and tells which hold what the program never writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, String, Table, select, type_coerce
from sqlalchemy.orm import Session

from tokentui.addresses import are_networks
from tokentui.audit import read_changes
from tokentui.crypto.key_format import ID_SPACE, format_id
from tokentui.models import AuditEntry, Base, Bytes, Flag, OutboxNotice, PlainText, Token, UtcDateTime
from tokentui.models.notice import read_content

_CHUNK_ROWS = 1000
_TOKEN_IDS = {
    "tokens.id",
    "secrets.token_id",
    "token_modules.token_id",
    "usage.token_id",
    "audit.token_id",
    "notices.token_id",
}


def damaged_rows(session: Session) -> Iterator[str]:
    """Each damaged row as its table, its key and its fields: `tokens SU-631-646-036: expires_at, name`."""
    for table in Base.metadata.sorted_tables:
        columns = [type_coerce(column, Integer) if _is_flag(column) else column for column in table.columns]
        rows = session.execute(select(*columns).select_from(table).execution_options(yield_per=_CHUNK_ROWS))
        for row in rows:
            cells = list(zip(table.columns, row, strict=True))
            fields = [column.name for column, value in cells if not _is_readable(column, value)]
            if fields:
                yield f"{table.name} {_key(table, cells)}: {', '.join(fields)}"


def _is_flag(column: Column[Any]) -> bool:
    return isinstance(column.type, Flag)


def _is_readable(column: Column[Any], value: object) -> bool:
    if value is None:  # "never" is stored as a moment, and read as None
        return column.nullable is True or (isinstance(column.type, UtcDateTime) and column.type.never is not None)
    if str(column) in _TOKEN_IDS:
        return type(value) is int and 0 <= value < ID_SPACE
    if column is Token.__table__.c.networks:
        return are_networks(value)
    if column is AuditEntry.__table__.c.changes:
        return read_changes(value) is not None
    if column is OutboxNotice.__table__.c.content:
        return read_content(value) is not None
    if _is_flag(column):
        return type(value) in (int, bool) and value in (0, 1)
    if isinstance(column.type, UtcDateTime):
        return type(value) is datetime
    if isinstance(column.type, (PlainText, String)):
        return type(value) is str
    return type(value) is (bytes if isinstance(column.type, Bytes) else int)


def _key(table: Table, cells: list[tuple[Column[Any], object]]) -> str:
    parts = []
    for column, value in cells:
        if column.primary_key:
            is_token = str(column) in _TOKEN_IDS and type(value) is int
            parts.append(format_id(value) if is_token else _shown(value))  # type: ignore[arg-type]
    if "token_id" in table.c and not table.c.token_id.primary_key:
        token = next(value for column, value in cells if column.name == "token_id")
        if type(token) is int:
            parts.append(f"of {format_id(token)}")
    return " ".join(parts)


def _shown(value: object) -> str:
    return value.hex()[:16] if isinstance(value, bytes) else str(value)[:64]
