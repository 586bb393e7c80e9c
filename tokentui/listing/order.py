"""The order and the conditions of a list in SQL, which pages and counts share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, tuple_

from tokentui.context import Context
from tokentui.listing.filter_conditions import QueryTime, condition
from tokentui.listing.spec import Cursor, ListSpec, SortField
from tokentui.models import Token, status_is, status_rank


def query_time(context: Context) -> QueryTime:
    """The present, as filters are read in it."""
    return QueryTime(context.now(), context.zone, context.settings.expiring_within)


def check_query(context: Context, text: str) -> None:
    """Raises QueryError where a filter can't be read; no database."""
    condition(text, query_time(context))


def filters_of(spec: ListSpec, at: QueryTime) -> list[ColumnElement[bool]]:
    """The conditions of a list; raises QueryError."""
    filters = []
    if spec.query.strip():
        filters.append(condition(spec.query, at))
    if spec.status is not None:
        filters.append(status_is(spec.status, now=at.now, expiring=at.expiring))
    return filters


def sort_column(context: Context, field: SortField) -> ColumnElement[Any]:
    """What a list is sorted by: a column with an index, or the rank of the status."""
    column: Any = {
        SortField.NAME: Token.name,
        SortField.ID: Token.id,
        SortField.EXTENSION: Token.extension_slug,
        SortField.CREATED: Token.created_at,
        SortField.EXPIRES: Token.expires_at,
        SortField.LAST_USED: Token.last_used_at,
    }.get(field)
    if column is None:
        return status_rank(now=context.now(), expiring=context.settings.expiring_within)
    return column  # type: ignore[no-any-return]


def is_sqlite(context: Context) -> bool:
    """Whether index hints are for this database."""
    return context.database.engine.dialect.name == "sqlite"


def in_order(statement: Select[Any], spec: ListSpec, column: ColumnElement[Any], *, backwards: bool) -> Select[Any]:
    """The statement in the order of the list; the ID makes the order total."""
    order: list[Any] = [column] if spec.sort.field is SortField.ID else [column, Token.id]
    if spec.sort.descending != backwards:
        order = [part.desc() for part in order]
    return statement.order_by(*order)


def beyond(
    context: Context, spec: ListSpec, cursor: Cursor, *, backwards: bool, column: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Rows after the cursor (before it, backwards), as a row-value comparison, which an index serves."""
    smaller = spec.sort.descending != backwards
    if column is None:
        column = sort_column(context, spec.sort.field)
    if spec.sort.field is SortField.ID:
        return column < cursor.id if smaller else column > cursor.id
    value = literal(cursor.value, column.type)
    if spec.sort.field is SortField.STATUS:
        farther = column < value if smaller else column > value
        return or_(farther, and_(column == value, Token.id < cursor.id if smaller else Token.id > cursor.id))
    place = tuple_(column, Token.id)
    edge = tuple_(value, literal(cursor.id))
    return place < edge if smaller else place > edge
