"""The list, a page at a time: by key, so that the millionth row costs what the first does.

A list is read by segments, each in the order of an index: one for a column, one for each status where the order is that
of statuses, since no index has them one after the other. Requests alone have no index: they are sums, of other days
tomorrow and in another time zone.

A page of a filtered list is read in one of two ways. Along the index of the order, tested row by row: fast where much
is found. Or by whatever finds the rows, then sorted: fast where little is. Which it will be is not known before, and
SQLite guesses badly (a second for a million active tokens by name, two for the few deleted ones), so that first the
indexes are asked whether a term names but a few tokens (`candidates`). If none does, `SCAN_LIMIT` rows in the list's
order are tested, and all are searched only if these don't fill the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.listing import candidates, index_hints, order, rows
from tokentui.listing.filter_conditions import QueryTime
from tokentui.listing.order import Segment
from tokentui.listing.spec import Cursor, ListSpec, cursor_of
from tokentui.models import Token
from tokentui.records import TokenRecord
from tokentui.usage import reports

PAGE = 128
_SORT_BATCH_ROWS = 5_000
"""Rows of a page of a stream whose order has no index: each page costs a sort of the whole list."""

_TIMES_FEW = 10
"""So many times `candidates.FEW` are still fewer than all, where all would have to be searched."""

_ID_CHUNK = 500
"""IDs a query; SQLite allows a limited number of parameters."""

SCAN_LIMIT = 10_000
"""How many rows are tested one by one before the rest is left to a search: some 20 ms."""


def page(
    context: Context,
    spec: ListSpec,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    from_end: bool = False,
    limit: int = PAGE,
) -> tuple[TokenRecord, ...]:
    """Up to `limit` rows in the order of `spec`: the first ones, those after or before a cursor, or the last ones.

    Raises QueryError for a query that can't be read.
    """
    backwards = before is not None or from_end
    with context.database.read() as session:
        read = _PageRead(context, session, order.query_time(context), backwards)
        tokens = _rows_from(read, spec, after or before, limit)
    return tokens[::-1] if backwards else tokens


def stream(context: Context, spec: ListSpec, *, limit: int | None = None) -> Iterator[TokenRecord]:
    """Every row of `spec`, page by page, in constant memory.

    A row whose sort value changes meanwhile may come twice or not at all; in the order of IDs each comes once.
    """
    after: Cursor | None = None
    left = limit
    most = PAGE if order.has_index(spec) else _SORT_BATCH_ROWS
    while left is None or left > 0:
        tokens = page(context, spec, after=after, limit=most if left is None else min(most, left))
        yield from tokens
        if not tokens:
            return
        after = cursor_of(tokens[-1], spec)
        left = None if left is None else left - len(tokens)


@dataclass(frozen=True, slots=True)
class _PageRead:
    """How a page is read: in which transaction, as of when, in which direction."""

    context: Context
    session: Session
    at: QueryTime
    backwards: bool

    def rows(self, statement: Select[Any]) -> tuple[TokenRecord, ...]:
        return rows.read(self.session, self.context, statement)


def _rows_from(read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """Up to `limit` rows from the anchor on, in its direction: one segment of the list after the other."""
    spec = order.with_statuses_of_query(spec)
    by_status = order.is_by_status(spec)
    few = candidates.few(read.session, spec.query, read.at, by_status=by_status)
    if few is not None:
        return _search_and_sort(read, spec, anchor, limit, few)
    if not order.has_index(spec):
        return _by_requests(read, spec, anchor, limit)
    filters = order.query_filters(spec, read.at)
    if not by_status:
        filters += order.status_filters(spec, read.at)
    tokens: tuple[TokenRecord, ...] = ()
    for segment, start in _segments_from(read, spec, anchor):
        split = start is not None and order.is_sqlite(read.context)
        for part in segment.split_at(start, backwards=read.backwards) if start is not None and split else (segment,):
            more, enough = _scan_index(read, part, filters, None if split else start, limit - len(tokens))
            if not enough:  # one search through all is less than one through each segment
                some = candidates.few(read.session, spec.query, read.at, by_status=by_status, times=_TIMES_FEW)
                return _search_and_sort(read, spec, anchor, limit, some)
            tokens += more
            if len(tokens) == limit:
                return tokens
    return tokens


def _segments_from(read: _PageRead, spec: ListSpec, anchor: Cursor | None) -> Iterator[tuple[Segment, Cursor | None]]:
    """The segments from the anchor on, in the direction of the read; with the first of them the anchor itself."""
    for segment in order.segments(spec, read.at, backwards=read.backwards):
        steps = 1 if anchor is None else segment.rank - order.rank_of(spec, anchor.status)
        if anchor is not None and (steps > 0 if read.backwards else steps < 0):
            continue
        yield segment, anchor if steps == 0 else None


def _scan_index(
    read: _PageRead, segment: Segment, filters: Sequence[ColumnElement[bool]], anchor: Cursor | None, limit: int
) -> tuple[tuple[TokenRecord, ...], bool]:
    """What `SCAN_LIMIT` rows along the index hold, and whether that is all that was asked for or all there is."""
    bounds = (
        index_hints.bounds([*segment.conditions, *filters], segment.column) if order.is_sqlite(read.context) else []
    )
    statement = _beyond_anchor(read, rows.SELECT.where(*bounds), segment, anchor).limit(limit)
    if not filters or not order.is_sqlite(read.context):
        return read.rows(statement.where(*filters)), True
    # The ID is selected twice where the list is in its order: an edge is a value and an ID.
    ahead = select(segment.column.label("value"), Token.id.label("token_id")).where(*bounds)
    ahead = ahead.where(*index_hints.ranges(filters, segment.column))
    beyond = _beyond_anchor(read, ahead, segment, anchor).offset(SCAN_LIMIT).limit(1)
    edge = read.session.connection().execute(beyond).one_or_none()
    statement = statement.where(
        *(index_hints.outside_index(part, unless=segment.column) for part in index_hints.conjuncts(filters))
    )
    if edge is not None:
        statement = statement.where(segment.beyond(Cursor(*edge), backwards=not read.backwards))
    tokens = read.rows(statement)
    return tokens, edge is None or len(tokens) == limit


def _search_and_sort(
    read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int, few: candidates.Few | None
) -> tuple[TokenRecord, ...]:
    """The same rows, tokens first and then sorted; `few` are those that an index has found already."""
    if few is not None and few.in_entries:
        ids = _ids_by_status(read, spec, anchor, limit, few)
    else:
        ids = _ids_sorted(read, spec, anchor, limit, few)
    tokens: dict[int, TokenRecord] = {}
    for start in range(0, len(ids), _ID_CHUNK):
        some = read.rows(rows.SELECT.where(Token.id.in_(ids[start : start + _ID_CHUNK])))
        tokens |= {token.id: token for token in some}
    return tuple(tokens[token_id] for token_id in ids)


def _ids_sorted(
    read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int, few: candidates.Few | None
) -> Sequence[int]:
    """The IDs of a page, without the rest of the rows: that is read of those that are shown."""
    if spec.query.strip() or not order.has_index(spec):
        filters = order.filters_outside_index(spec, read.at, met=() if few is None else few.met)
    else:
        filters = order.shown_statuses(spec, read.at)
    keys, descending = order.sort_keys(spec, read.at, use_index=False), spec.sort.descending != read.backwards
    statement = select(Token.id).where(*([] if few is None else [few.condition]), *filters)
    if anchor is not None:
        statement = statement.where(order.past(keys, order.sort_values(spec, read.at, anchor), descending=descending))
    return read.session.scalars(order.sorted_by(statement, keys, descending=descending).limit(limit)).all()


def _ids_by_status(
    read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int, few: candidates.Few
) -> Sequence[int]:
    """The same, where to pass over all entries once for each status takes less than to sort them."""
    query = order.query_filters(spec, read.at, met=few.met)
    filters = [index_hints.outside_index(part) for part in index_hints.conjuncts(query)]
    ids: list[int] = []
    for segment, start in _segments_from(read, spec, anchor):
        statement = _beyond_anchor(read, select(Token.id).where(few.condition), segment.without_index(), start)
        ids += read.session.scalars(statement.where(*filters).limit(limit - len(ids))).all()
        if len(ids) == limit:
            break
    return ids


def _beyond_anchor(read: _PageRead, statement: Select[Any], segment: Segment, anchor: Cursor | None) -> Select[Any]:
    """The segment in its order and the direction of the read, beyond the anchor."""
    statement = statement.where(*segment.conditions)
    if anchor is not None:
        statement = statement.where(segment.beyond(anchor, backwards=read.backwards))
    return segment.in_order(statement, backwards=read.backwards)


def _by_requests(read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """The order by requests: tokens without any by their ID, and those that have some by the sums of their responses.

    So the many that nobody uses are not counted one by one, and the few that are used are counted together.
    """
    conditions = [index_hints.outside_index(part) for part in index_hints.conjuncts(order.filters_of(spec, read.at))]
    conditions += candidates.words(read.session, spec.query)
    descending = spec.sort.descending != read.backwards
    counted = reports.by_token(now=read.at.now, zone=read.at.zone, keeps_days=read.at.keeps_days)
    used = rows.SELECT.join(counted, counted.c.token_id == Token.id).where(counted.c.requests != 0, *conditions)
    others = select(counted.c.token_id).where(counted.c.requests != 0)
    unused = rows.SELECT.where(Token.id.not_in(others), *conditions)
    parts: list[tuple[Select[Any], list[ColumnElement[Any]]]] = [
        (unused, [Token.__table__.c.id]),
        (used, [counted.c.requests, counted.c.token_id]),
    ]
    if descending:
        parts.reverse()
    if anchor is not None:
        requests, token_id = order.sort_values(spec, read.at, anchor)
        number = read.session.scalar(select(requests))
        if bool(number) != descending:  # the anchor is in the second part: the first is passed
            parts.pop(0)
        statement, keys = parts[0]
        values: list[ColumnElement[Any]] = [literal(number), token_id][-len(keys) :]
        parts[0] = statement.where(order.past(keys, values, descending=descending)), keys
    tokens: tuple[TokenRecord, ...] = ()
    for statement, keys in parts:
        tokens += read.rows(order.sorted_by(statement, keys, descending=descending).limit(limit - len(tokens)))
        if len(tokens) == limit:
            break
    return tokens
