"""The list, a page at a time: by key, so that the millionth row costs what the first does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_

from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.models import Token, status_is, status_rank
from tokentui.query import Moments, condition
from tokentui.records import Status, TokenRecord
from tokentui.tokens import rows

PAGE = 128


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
    anchor = after or before
    statement = _ordered(context, rows.SELECT, spec, backwards=backwards).limit(limit)
    if anchor is not None:
        statement = statement.where(_beyond(context, spec, anchor, backwards=backwards))
    with context.database.read() as session:
        found = tuple(rows.to_record(row, context) for row in session.execute(statement))
    return found[::-1] if backwards else found


def count(context: Context, spec: ListSpec) -> int:
    """How many rows `spec` has."""
    statement = select(func.count()).select_from(Token).where(*_filters(context, spec))
    with context.database.read() as session:
        return session.scalar(statement) or 0


def rank(context: Context, spec: ListSpec, cursor: Cursor) -> int:
    """How many rows come before the cursor's."""
    statement = (
        select(func.count())
        .select_from(Token)
        .where(*_filters(context, spec), _beyond(context, spec, cursor, backwards=True))
    )
    with context.database.read() as session:
        return session.scalar(statement) or 0


def seek(context: Context, spec: ListSpec, index: int) -> Cursor | None:
    """The cursor of the row just before row `index` (None for the first); it counts: for a dragged scrollbar only."""
    if index <= 0:
        return None
    columns = select(_column(context, spec.sort.field).label("value"), Token.id)
    statement = _ordered(context, columns, spec, backwards=False).offset(index - 1).limit(1)
    with context.database.read() as session:
        row = session.execute(statement).one_or_none()
    return None if row is None else Cursor(row.value, row.id)


def stream(context: Context, spec: ListSpec, *, limit: int | None = None) -> Iterator[TokenRecord]:
    """Every row of `spec`, page by page, in constant memory. Rows that change meanwhile are seen once at most."""
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
        return tuple(session.scalars(select(Token.id).where(*_filters(context, spec))))


def check_query(context: Context, text: str) -> None:
    """Raises QueryError where a filter can't be read; no database."""
    condition(text, _moments(context))


def _moments(context: Context) -> Moments:
    return Moments(context.now(), context.zone, context.settings.expiring_within)


def _filters(context: Context, spec: ListSpec) -> list[ColumnElement[bool]]:
    moments = _moments(context)
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


def _ordered(context: Context, statement: Select[Any], spec: ListSpec, *, backwards: bool) -> Select[Any]:
    column = _column(context, spec.sort.field)
    order: list[Any] = [Token.id] if spec.sort.field is SortField.ID else [column, Token.id]
    if spec.sort.descending != backwards:
        order = [each.desc() for each in order]
    return statement.where(*_filters(context, spec)).order_by(*order)


def _beyond(context: Context, spec: ListSpec, cursor: Cursor, *, backwards: bool) -> ColumnElement[bool]:
    """Rows after the cursor (before it, backwards), as a row-value comparison, which an index serves."""
    smaller = spec.sort.descending != backwards
    if spec.sort.field is SortField.ID:
        return Token.id < cursor.id if smaller else Token.id > cursor.id
    column = _column(context, spec.sort.field)
    value = literal(cursor.value, column.type)
    if spec.sort.field is SortField.STATUS:
        beyond = column < value if smaller else column > value
        return or_(beyond, and_(column == value, Token.id < cursor.id if smaller else Token.id > cursor.id))
    place = tuple_(column, Token.id)
    edge = tuple_(value, literal(cursor.id))
    return place < edge if smaller else place > edge
