"""How many rows a list has, and the places in it that only counting finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.listing import candidates, index_hints, rows, status_counts
from tokentui.listing.filter_conditions import QueryTime
from tokentui.listing.order import (
    Segment,
    filters_of,
    filters_outside_index,
    has_index,
    is_by_status,
    is_listed,
    is_sqlite,
    past,
    query_filters,
    query_time,
    rank_of,
    segments,
    sort_keys,
    sort_values,
    sorted_by,
    status_filters,
)
from tokentui.listing.spec import Cursor, ListSpec, cursor_of
from tokentui.models import Token
from tokentui.records import TokenRecord

_ID_CHUNK = 500


def count(context: Context, spec: ListSpec) -> int:
    """How many rows `spec` has."""
    at = query_time(context)
    with context.database.read() as session:
        if not spec.query.strip():
            numbers = status_counts.by_status(session, now=at.now, expiring=at.expiring)
            return sum(number for status, number in numbers.items() if is_listed(spec, status))
        statement = select(func.count()).select_from(Token).where(*_conditions(session, spec, at))
        return session.scalar(statement) or 0


def rank(context: Context, spec: ListSpec, cursor: Cursor) -> int:
    """How many rows come before the cursor's."""
    at = query_time(context)
    with context.database.read() as session:
        if is_by_status(spec) and not spec.query.strip():
            counted = [_count_before(segment, spec, cursor) for segment in segments(spec, at)]
        else:
            keys, filters = _keys_and_filters(context, session, spec, at)
            before = past(keys, sort_values(spec, at, cursor), descending=not spec.sort.descending)
            counted = [select(func.count()).select_from(Token).where(*filters, before)]
        return sum(session.execute(select(*(statement.scalar_subquery() for statement in counted))).one())


def position(context: Context, spec: ListSpec, token: TokenRecord) -> tuple[int, int] | None:
    """Which row of `spec` the token is, from 1, and how many rows there are; None where it is not among them."""
    if token.id not in matching_ids_among(context, spec, [token.id]):
        return None
    return rank(context, spec, cursor_of(token, spec)) + 1, count(context, spec)


def seek(context: Context, spec: ListSpec, index: int) -> Cursor | None:
    """The cursor of the row just before row `index` (None for the first); it counts: for a dragged scrollbar only."""
    if index <= 0:
        return None
    at, place = query_time(context), index - 1
    with context.database.read() as session:
        if is_by_status(spec) and not spec.query.strip():
            statement, place = _segment_with(session, tuple(segments(spec, at)), place)
        else:
            keys, filters = _keys_and_filters(context, session, spec, at)
            statement = sorted_by(select(Token.id).where(*filters), keys, descending=spec.sort.descending)
        token_id = session.scalar(statement.offset(place).limit(1))
        return None if token_id is None else cursor_of(rows.find(session, context, token_id), spec)


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
        return tuple(session.scalars(select(Token.id).where(*_conditions(session, spec, query_time(context)))))


def _conditions(session: Session, spec: ListSpec, at: QueryTime) -> list[ColumnElement[bool]]:
    """All conditions of a list; first what finds few tokens, or the search index where it knows the words."""
    return _among_few(session, spec, at) or [*candidates.words(session, spec.query), *filters_of(spec, at)]


def _among_few(session: Session, spec: ListSpec, at: QueryTime) -> list[ColumnElement[bool]]:
    """All conditions of a list whose tokens are found by one of them; none where no index knows them to be few."""
    few = candidates.few(session, spec.query, at, by_status=False)
    if few is None:
        return []
    return [few.condition, *filters_outside_index(spec, at, met=few.met)]


def _count_before(segment: Segment, spec: ListSpec, cursor: Cursor) -> Select[Any]:
    """The rows of a segment that come before the cursor's row."""
    statement = select(func.count()).select_from(Token).where(*segment.conditions)
    steps = segment.rank - rank_of(spec, cursor.status)
    if steps == 0:
        return statement.where(segment.beyond(cursor, backwards=True))
    return statement if steps < 0 else select(literal(0))


def _segment_with(session: Session, parts: Sequence[Segment], place: int) -> tuple[Select[Any], int]:
    """The IDs of the segment that holds a row of the list, in their order, and the number of the row in it."""
    for segment in parts:
        statement = segment.in_order(select(Token.id).where(*segment.conditions), backwards=False)
        number = session.scalar(select(func.count()).select_from(Token).where(*segment.conditions)) or 0
        if place < number or segment is parts[-1]:
            break
        place -= number
    return statement, place


def _keys_and_filters(
    context: Context, session: Session, spec: ListSpec, at: QueryTime
) -> tuple[Sequence[ColumnElement[Any]], list[ColumnElement[bool]]]:
    """The order and the filters where all rows up to a place are counted.

    Any index that does not hold all of both would cost a look-up for each row, so the whole table is read instead,
    unless there are but a few to look up.
    """
    few = _among_few(session, spec, at)
    if few:
        return sort_keys(spec, at, use_index=False), few
    if is_by_status(spec) or not has_index(spec):
        return sort_keys(spec, at), filters_outside_index(spec, at)
    (segment,) = segments(spec, at)
    filters = query_filters(spec, at) + status_filters(spec, at)
    held = not filters or not is_sqlite(context) or bool(index_hints.ranges(filters, segment.column))
    if not held:
        filters = [index_hints.outside_index(condition) for condition in filters]
    return sort_keys(spec, at, use_index=held), [*filters, *segment.conditions]
