"""The list, a page at a time: by key, so that the millionth row costs what the first does.

A page of a filtered list is read in one of two ways. Along the index of the order, tested row by row: fast where much
is found. Or by whatever finds the rows, then sorted: fast where little is. Which it will be is not known before, and
SQLite guesses badly (a second for a million active tokens by name, two for the few deleted ones), so `SCAN_LIMIT` rows
of the index are tested first, and all are searched only if these don't fill the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.listing import index_hints, rows
from tokentui.listing.filter_conditions import QueryTime
from tokentui.listing.order import beyond, filters_of, in_order, is_sqlite, query_time, sort_column
from tokentui.listing.spec import Cursor, ListSpec, Sort, SortField, cursor_of
from tokentui.models import Token
from tokentui.records import Status, TokenRecord

PAGE = 128
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
        read = _PageRead(context, session, query_time(context), backwards)
        tokens = _rows_from(read, spec, after or before, limit)
    return tokens[::-1] if backwards else tokens


def stream(context: Context, spec: ListSpec, *, limit: int | None = None) -> Iterator[TokenRecord]:
    """Every row of `spec`, page by page, in constant memory.

    A row whose sort value changes meanwhile may come twice or not at all; in the order of IDs each comes once.
    """
    after: Cursor | None = None
    left = limit
    while left is None or left > 0:
        tokens = page(context, spec, after=after, limit=PAGE if left is None else min(PAGE, left))
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
        return tuple(rows.to_record(row, self.context) for row in self.session.execute(statement))


def _rows_from(read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """Up to `limit` rows from the anchor on, in its direction."""
    if spec.sort.field is SortField.STATUS:
        return _by_status(read, spec, anchor, limit)
    tokens, enough = _scan_index(read, spec, anchor, limit)
    return tokens if enough else _search_and_sort(read, spec, anchor, limit)


def _by_status(read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """No index has the order of statuses: one list after the other, each in the order of IDs."""
    down = spec.sort.descending != read.backwards
    tokens: tuple[TokenRecord, ...] = ()
    for rank, status in sorted(enumerate(Status), reverse=down):
        passed = anchor is not None and (rank > anchor.value if down else rank < anchor.value)
        if passed or (spec.status or status) is not status or len(tokens) == limit:
            continue
        at = Cursor(anchor.id, anchor.id) if anchor is not None and anchor.value == rank else None
        part = replace(spec, status=status, sort=Sort(SortField.ID, spec.sort.descending))
        more, enough = _scan_index(read, part, at, limit - len(tokens))
        if not enough and spec.query.strip():  # one search through all is less than one through each status
            return _search_and_sort(read, spec, anchor, limit)
        tokens += more if enough else _search_and_sort(read, part, at, limit - len(tokens))
    return tokens


def _scan_index(
    read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int
) -> tuple[tuple[TokenRecord, ...], bool]:
    """What `SCAN_LIMIT` rows along the index hold, and whether that is all that was asked for or all there is."""
    filters = filters_of(spec, read.at)
    statement = _beyond_anchor(read, rows.SELECT, spec, anchor).limit(limit)
    if not filters or not is_sqlite(read.context):
        return read.rows(statement.where(*filters)), True
    column = sort_column(read.context, spec.sort.field)
    # The ID is selected twice where the list is in its order: an edge is a value and an ID.
    ahead = select(column.label("value"), Token.id.label("token_id")).where(*index_hints.ranges(filters, column))
    edge = read.session.execute(_beyond_anchor(read, ahead, spec, anchor).offset(SCAN_LIMIT).limit(1)).one_or_none()
    statement = statement.where(
        *(index_hints.outside_index(part, unless=column) for part in index_hints.conjuncts(filters))
    )
    if edge is not None:
        statement = statement.where(beyond(read.context, spec, Cursor(*edge), backwards=not read.backwards))
    tokens = read.rows(statement)
    return tokens, edge is None or len(tokens) == limit


def _search_and_sort(read: _PageRead, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """The same rows, tokens first and then sorted."""
    filters = filters_of(spec, read.at)
    if spec.query.strip():
        # Words are in no index, and one on state would cost a look-up for each row that has the status.
        filters = [index_hints.outside_index(condition) for condition in filters]
    column = sort_column(read.context, spec.sort.field)
    if spec.sort.field is not SortField.STATUS:
        column = index_hints.without_index(column)
    return read.rows(_beyond_anchor(read, rows.SELECT, spec, anchor, column=column).where(*filters).limit(limit))


def _beyond_anchor(
    read: _PageRead,
    statement: Select[Any],
    spec: ListSpec,
    anchor: Cursor | None,
    *,
    column: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """The statement in the order and direction of the read, beyond the anchor; `column` stands in for the order's."""
    if column is None:
        column = sort_column(read.context, spec.sort.field)
    if anchor is not None:
        statement = statement.where(beyond(read.context, spec, anchor, backwards=read.backwards, column=column))
    return in_order(statement, spec, column, backwards=read.backwards)
