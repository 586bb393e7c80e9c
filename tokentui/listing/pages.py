"""The list, a page at a time: by key, so that the millionth row costs what the first does.

A page of a filtered list has two ways. Along the index of the order, tested row by row: fast where much is found.
And by whatever finds the rows, then sorted: fast where little is. Which it will be is not known before, and SQLite
guesses badly (a second for a million active tokens by name, two for the few deleted ones), so the first way is gone
for `WALK` rows, and the second only if these don't fill the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.listing import index_hints, rows
from tokentui.listing.query import Moments, condition
from tokentui.models import Token, status_is, status_rank
from tokentui.records import Status, TokenRecord

PAGE = 128
WALK = 10_000
"""How many rows are tested one by one before the rest is left to a search: some 20 ms."""


class SortField(StrEnum):
    """What the list can be sorted by; the ID makes each order total."""

    NAME = "name"
    ID = "id"
    EXTENSION = "extension"
    CREATED = "created"
    EXPIRES = "expires"
    STATUS = "status"
    LAST_USED = "last-used"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the list."""

    field: SortField = SortField.EXPIRES
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Sort:
        """`expires`, or `-expires` for descending; raises UsageError."""
        name = text.removeprefix("-")
        try:
            return cls(SortField(name), text.startswith("-"))
        except ValueError:
            raise UsageError(f"can't sort by {name[:40]!r}", f"choose {', '.join(SortField)}") from None

    def reversed(self) -> Sort:
        """The same field the other way around."""
        return replace(self, descending=not self.descending)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """Which tokens, in which order. `query` is the filter language; `status` narrows it further."""

    query: str = ""
    status: Status | None = None
    sort: Sort = Sort()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: just at the row with this sort value and ID."""

    value: Any
    id: int


def cursor_of(token: TokenRecord, spec: ListSpec) -> Cursor:
    """The place of a row in the order of `spec`."""
    value: Any = {
        SortField.NAME: token.name,
        SortField.ID: token.id,
        SortField.EXTENSION: token.extension_slug,
        SortField.CREATED: token.created_at,
        SortField.EXPIRES: token.expires_at,
        SortField.STATUS: list(Status).index(token.status),
        SortField.LAST_USED: token.last_used_at,
    }[spec.sort.field]
    return Cursor(value, token.id)


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
        way = _Way(context, session, _moments(context), backwards)
        found = _found(way, spec, after or before, limit)
    return found[::-1] if backwards else found


def count(context: Context, spec: ListSpec) -> int:
    """How many rows `spec` has."""
    filters = _filters(spec, _moments(context))
    if spec.query.strip() and spec.status is not None:  # see _searched
        filters = [index_hints.outside_index(each) for each in filters]
    statement = select(func.count()).select_from(Token).where(*filters)
    with context.database.read() as session:
        return session.scalar(statement) or 0


def rank(context: Context, spec: ListSpec, cursor: Cursor) -> int:
    """How many rows come before the cursor's."""
    column, filters = _counted(context, spec)
    before = _beyond(context, spec, cursor, backwards=True, column=column)
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(Token).where(*filters, before)) or 0


def seek(context: Context, spec: ListSpec, index: int) -> Cursor | None:
    """The cursor of the row just before row `index` (None for the first); it counts: for a dragged scrollbar only."""
    if index <= 0:
        return None
    column, filters = _counted(context, spec)
    places = select(column.label("value"), Token.id.label("token_id")).where(*filters)
    statement = _sorted(places, spec, column, backwards=False).offset(index - 1).limit(1)
    with context.database.read() as session:
        row = session.execute(statement).one_or_none()
    return None if row is None else Cursor(*row)


def stream(context: Context, spec: ListSpec, *, limit: int | None = None) -> Iterator[TokenRecord]:
    """Every row of `spec`, page by page, in constant memory.

    A row whose sort value changes meanwhile may come twice or not at all; in the order of IDs each comes once.
    """
    after: Cursor | None = None
    left = limit
    while left is None or left > 0:
        found = page(context, spec, after=after, limit=PAGE if left is None else min(PAGE, left))
        yield from found
        if not found:
            return
        after = cursor_of(found[-1], spec)
        left = None if left is None else left - len(found)


def matching_ids(context: Context, spec: ListSpec) -> tuple[int, ...]:
    """The IDs of every row of `spec`."""
    with context.database.read() as session:
        return tuple(session.scalars(select(Token.id).where(*_filters(spec, _moments(context)))))


def check_query(context: Context, text: str) -> None:
    """Raises QueryError where a filter can't be read; no database."""
    condition(text, _moments(context))


def _moments(context: Context) -> Moments:
    return Moments(context.now(), context.zone, context.settings.expiring_within)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a page is read: in which transaction, as of when, in which direction."""

    context: Context
    session: Session
    moments: Moments
    backwards: bool

    def rows(self, statement: Select[Any]) -> tuple[TokenRecord, ...]:
        return tuple(rows.to_record(row, self.context) for row in self.session.execute(statement))


def _found(way: _Way, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """Up to `limit` rows from the anchor on, in the direction of the way."""
    if spec.sort.field is SortField.STATUS:
        return _by_status(way, spec, anchor, limit)
    found, enough = _walked(way, spec, anchor, limit)
    return found if enough else _searched(way, spec, anchor, limit)


def _by_status(way: _Way, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """No index has the order of statuses: one list after the other, each in the order of IDs."""
    down = spec.sort.descending != way.backwards
    found: tuple[TokenRecord, ...] = ()
    for rank, status in sorted(enumerate(Status), reverse=down):
        passed = anchor is not None and (rank > anchor.value if down else rank < anchor.value)
        if passed or (spec.status or status) is not status or len(found) == limit:
            continue
        at = Cursor(anchor.id, anchor.id) if anchor is not None and anchor.value == rank else None
        part = replace(spec, status=status, sort=Sort(SortField.ID, spec.sort.descending))
        more, enough = _walked(way, part, at, limit - len(found))
        if not enough and spec.query.strip():  # one search through all is less than one through each status
            return _searched(way, spec, anchor, limit)
        found += more if enough else _searched(way, part, at, limit - len(found))
    return found


def _walked(way: _Way, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[tuple[TokenRecord, ...], bool]:
    """What `WALK` rows along the index hold, and whether that is all that was asked for or all there is."""
    filters = _filters(spec, way.moments)
    statement = _from(way, rows.SELECT, spec, anchor).limit(limit)
    if not filters or not _is_sqlite(way.context):
        return way.rows(statement.where(*filters)), True
    column = _column(way.context, spec.sort.field)
    # The ID is selected twice where the list is in its order: an edge is a value and an ID.
    ahead = select(column.label("value"), Token.id.label("token_id")).where(*index_hints.ranges(filters, column))
    edge = way.session.execute(_from(way, ahead, spec, anchor).offset(WALK).limit(1)).one_or_none()
    statement = statement.where(
        *(index_hints.outside_index(each, unless=column) for each in index_hints.conjuncts(filters))
    )
    if edge is not None:
        statement = statement.where(_beyond(way.context, spec, Cursor(*edge), backwards=not way.backwards))
    found = way.rows(statement)
    return found, edge is None or len(found) == limit


def _searched(way: _Way, spec: ListSpec, anchor: Cursor | None, limit: int) -> tuple[TokenRecord, ...]:
    """The same rows, found first and then sorted."""
    filters = _filters(spec, way.moments)
    if spec.query.strip():
        # Words are in no index, and one on state would cost a look-up for each row that has the status.
        filters = [index_hints.outside_index(each) for each in filters]
    column = _column(way.context, spec.sort.field)
    if spec.sort.field is not SortField.STATUS:
        column = index_hints.without_index(column)
    return way.rows(_from(way, rows.SELECT, spec, anchor, column=column).where(*filters).limit(limit))


def _filters(spec: ListSpec, moments: Moments) -> list[ColumnElement[bool]]:
    found = []
    if spec.query.strip():
        found.append(condition(spec.query, moments))
    if spec.status is not None:
        found.append(status_is(spec.status, now=moments.now, expiring=moments.expiring))
    return found


def _column(context: Context, field: SortField) -> ColumnElement[Any]:
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


def _counted(context: Context, spec: ListSpec) -> tuple[ColumnElement[Any], list[ColumnElement[bool]]]:
    """The order and the filters where all rows up to a place are counted.

    Any index that does not hold all of both would cost a look-up for each row, so the whole table is read instead.
    """
    column, filters = _column(context, spec.sort.field), _filters(spec, _moments(context))
    if not filters or not _is_sqlite(context) or index_hints.ranges(filters, column):
        return column, filters
    if spec.sort.field is not SortField.STATUS:
        column = index_hints.without_index(column)
    return column, [index_hints.outside_index(each) for each in filters]


def _is_sqlite(context: Context) -> bool:
    return context.database.engine.dialect.name == "sqlite"


def _from(
    way: _Way,
    statement: Select[Any],
    spec: ListSpec,
    anchor: Cursor | None,
    *,
    column: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """The statement in the order and direction of the way, beyond the anchor; `column` stands in for the order's."""
    if column is None:
        column = _column(way.context, spec.sort.field)
    if anchor is not None:
        statement = statement.where(_beyond(way.context, spec, anchor, backwards=way.backwards, column=column))
    return _sorted(statement, spec, column, backwards=way.backwards)


def _sorted(statement: Select[Any], spec: ListSpec, column: ColumnElement[Any], *, backwards: bool) -> Select[Any]:
    order: list[Any] = [column] if spec.sort.field is SortField.ID else [column, Token.id]
    if spec.sort.descending != backwards:
        order = [each.desc() for each in order]
    return statement.order_by(*order)


def _beyond(
    context: Context, spec: ListSpec, cursor: Cursor, *, backwards: bool, column: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Rows after the cursor (before it, backwards), as a row-value comparison, which an index serves."""
    smaller = spec.sort.descending != backwards
    if column is None:
        column = _column(context, spec.sort.field)
    if spec.sort.field is SortField.ID:
        return column < cursor.id if smaller else column > cursor.id
    value = literal(cursor.value, column.type)
    if spec.sort.field is SortField.STATUS:
        beyond = column < value if smaller else column > value
        return or_(beyond, and_(column == value, Token.id < cursor.id if smaller else Token.id > cursor.id))
    place = tuple_(column, Token.id)
    edge = tuple_(value, literal(cursor.id))
    return place < edge if smaller else place > edge
