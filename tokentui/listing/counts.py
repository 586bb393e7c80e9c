"""How many rows a list has, and the places in it that only counting finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from tokentui.context import Context
from tokentui.listing import index_hints
from tokentui.listing.order import beyond, filters_of, in_order, is_sqlite, query_time, sort_column
from tokentui.listing.spec import Cursor, ListSpec, SortField
from tokentui.models import Token

_ID_CHUNK = 500


def count(context: Context, spec: ListSpec) -> int:
    """How many rows `spec` has."""
    filters = filters_of(spec, query_time(context))
    # Words are in no index, and one on state would cost a look-up for each row that has the status.
    if spec.query.strip() and spec.status is not None:
        filters = [index_hints.outside_index(condition) for condition in filters]
    statement = select(func.count()).select_from(Token).where(*filters)
    with context.database.read() as session:
        return session.scalar(statement) or 0


def rank(context: Context, spec: ListSpec, cursor: Cursor) -> int:
    """How many rows come before the cursor's."""
    column, filters = _order_and_filters(context, spec)
    before = beyond(context, spec, cursor, backwards=True, column=column)
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(Token).where(*filters, before)) or 0


def seek(context: Context, spec: ListSpec, index: int) -> Cursor | None:
    """The cursor of the row just before row `index` (None for the first); it counts: for a dragged scrollbar only."""
    if index <= 0:
        return None
    column, filters = _order_and_filters(context, spec)
    places = select(column.label("value"), Token.id.label("token_id")).where(*filters)
    statement = in_order(places, spec, column, backwards=False).offset(index - 1).limit(1)
    with context.database.read() as session:
        row = session.execute(statement).one_or_none()
    return None if row is None else Cursor(*row)


def matching_ids_among(context: Context, spec: ListSpec, ids: Sequence[int]) -> set[int]:
    """Which of these IDs are rows of `spec`."""
    matching: set[int] = set()
    with context.database.read() as session:
        for start in range(0, len(ids), _ID_CHUNK):
            chunk = Token.id.in_(ids[start : start + _ID_CHUNK])
            matching.update(session.scalars(select(Token.id).where(chunk, *filters_of(spec, query_time(context)))))
    return matching


def matching_ids(context: Context, spec: ListSpec) -> tuple[int, ...]:
    """The IDs of every row of `spec`."""
    with context.database.read() as session:
        return tuple(session.scalars(select(Token.id).where(*filters_of(spec, query_time(context)))))


def _order_and_filters(context: Context, spec: ListSpec) -> tuple[ColumnElement[Any], list[ColumnElement[bool]]]:
    """The order and the filters where all rows up to a place are counted.

    Any index that does not hold all of both would cost a look-up for each row, so the whole table is read instead.
    """
    column, filters = sort_column(context, spec.sort.field), filters_of(spec, query_time(context))
    if not filters or not is_sqlite(context) or index_hints.ranges(filters, column):
        return column, filters
    if spec.sort.field is not SortField.STATUS:
        column = index_hints.without_index(column)
    return column, [index_hints.outside_index(condition) for condition in filters]
