"""The order and the conditions of a list in SQL, which pages and counts share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    String,
    and_,
    case,
    cast,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)

from tokentui.context import Context
from tokentui.listing import index_hints
from tokentui.listing.filter_conditions import CatalogWords, QueryTime, asks_for_deleted, condition
from tokentui.listing.filter_language import Term, parse
from tokentui.listing.spec import Cursor, ListSpec, SortField
from tokentui.models import (
    LATEST,
    Damaged,
    Extension,
    IgnoringCase,
    Module,
    PlainText,
    Token,
    status_is,
    to_micros,
)
from tokentui.records import Catalog, Status
from tokentui.usage import reports

_ID: Any = Token.id
_COLUMNS: dict[SortField, Any] = {
    SortField.NAME: Token.name,
    SortField.ID: Token.id,
    SortField.EXTENSION: Token.extension_slug,
    SortField.CREATED: Token.created_at,
    SortField.EXPIRES: Token.expires_at,
    SortField.LAST_USED: Token.last_used_at,
    SortField.OWNER: Token.owner,
}
_STATUSES: dict[SortField, tuple[Status, ...]] = {
    SortField.URGENCY: (Status.EXPIRING, Status.ACTIVE, Status.DISABLED, Status.EXPIRED, Status.DELETED),
    SortField.STATUS: tuple(Status),
}
_WITHIN_STATUS: dict[Status, tuple[Any, bool]] = {
    Status.ACTIVE: (Token.expires_at, False),
    Status.EXPIRING: (Token.expires_at, False),
    Status.EXPIRED: (Token.expires_at, True),
    Status.DISABLED: (Token.disabled_at, True),
    Status.DELETED: (Token.deleted_at, True),
}
"""By which moment the tokens of a status are sorted, and whether the latest is the first."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a list, all of it or one status, whose order is that of an index.

    `conditions` are served by that index; a descending segment has the ID descending too. `rank` counts the statuses
    before it, those that are not shown too.
    """

    column: ColumnElement[Any]
    descending: bool
    conditions: tuple[ColumnElement[bool], ...] = ()
    status: Status | None = None
    rank: int = 0

    def in_order(self, statement: Select[Any], *, backwards: bool) -> Select[Any]:
        """The statement in the order of the segment."""
        return sorted_by(statement, self._keys, descending=self.descending != backwards)

    def beyond(self, cursor: Cursor, *, backwards: bool) -> ColumnElement[bool]:
        """The rows after the cursor (before it, backwards), as a row-value comparison, which an index serves."""
        descending = self.descending != backwards
        if isinstance(cursor.value, Damaged) and cursor.value.raw is None:
            # SQLite sorts NULL before all else, and compares it with nothing.
            rest = and_(self.column.is_(None), past([_ID], [literal(cursor.id)], descending=descending))
            return rest if descending else or_(rest, self.column.is_not(None))
        values = [_value_of(cursor, self.column), literal(cursor.id)][-len(self._keys) :]
        return past(self._keys, values, descending=descending)

    def split_at(self, cursor: Cursor, *, backwards: bool) -> tuple[Segment, ...]:
        """The same rows as those `beyond` the cursor, as segments: first those that have its value too.

        SQLite serves the comparison of a pair by the first of the two alone, and would pass over each row that has the
        cursor's value: a million that were never used.
        """
        if self.column is _ID or isinstance(cursor.value, Damaged):
            return (self._with(self.beyond(cursor, backwards=backwards)),)
        descending = self.descending != backwards
        value = _value_of(cursor, self.column)
        ties = past([_ID], [literal(cursor.id)], descending=descending)
        return self._with(self.column == value, ties), self._with(past([self.column], [value], descending=descending))

    def without_index(self) -> Segment:
        """The same rows in the same order, which are not read by the index that has it."""
        conditions = tuple(map(index_hints.outside_index, self.conditions))
        return replace(self, column=index_hints.without_index(self.column), conditions=conditions)

    def _with(self, *conditions: ColumnElement[bool]) -> Segment:
        return replace(self, conditions=(*conditions, *self.conditions))

    @property
    def _keys(self) -> Sequence[ColumnElement[Any]]:
        return [_ID] if self.column is _ID else [_sortable(self.column), _ID]


def query_time(context: Context) -> QueryTime:
    """The present, as filters are read in it."""
    words = cache(partial(_words_of_database, context))
    return QueryTime(
        context.now(), context.zone, context.settings.expiring_within, words, keeps_days=is_sqlite(context)
    )


def check_typed_query(context: Context, text: str, catalog: Catalog | None) -> None:
    """Raises QueryError where a filter can't be read. The database is not asked.

    Extensions and modules are looked up in `catalog`; where that is None, they are believed.
    """
    words = None if catalog is None else partial(_words_of, catalog)
    condition(text, replace(query_time(context), words=words))


def _words_of(catalog: Catalog, what: CatalogWords) -> list[str]:
    if what == "module":
        return [module.slug for module in catalog.modules]
    return _slugs_and_codes((extension.slug, extension.code) for extension in catalog.extensions)


def _words_of_database(context: Context, what: CatalogWords) -> list[str]:
    """The same without the rest of the catalogue, which takes longer to read than a page."""
    with context.database.read() as session:
        if what == "module":
            return list(session.scalars(select(Module.slug).where(Module.slug.is_not(None)).order_by(Module.position)))
        listed = select(Extension.slug, Extension.code).where(Extension.slug.is_not(None)).order_by(Extension.position)
        return _slugs_and_codes((slug, code) for slug, code in session.execute(listed))


def _slugs_and_codes(extensions: Iterable[tuple[str, str | None]]) -> list[str]:
    """All slugs, then the codes that there are."""
    pairs = tuple(extensions)
    return [*(slug for slug, _ in pairs), *(code for _, code in pairs if code)]


def is_sqlite(context: Context) -> bool:
    """Whether index hints are for this database."""
    return context.database.engine.dialect.name == "sqlite"


def is_by_status(spec: ListSpec) -> bool:
    """Whether the list has one status after the other."""
    return spec.sort.field in _STATUSES


def has_index(spec: ListSpec) -> bool:
    """Whether the list can be read in its order; else all of it is sorted for each page."""
    return spec.sort.field is not SortField.REQUESTS


def query_filters(spec: ListSpec, at: QueryTime, *, met: Collection[Term] = ()) -> list[ColumnElement[bool]]:
    """The conditions that the filter's text stands for, but for the terms that are met anyway; raises QueryError."""
    return [condition(spec.query, at, met=met)] if spec.query.strip() else []


def status_filters(spec: ListSpec, at: QueryTime) -> list[ColumnElement[bool]]:
    """The condition that the chosen statuses stand for; empty where none is chosen."""
    wanted = [status_is(status, now=at.now, expiring=at.expiring) for status in spec.statuses]
    return [or_(*wanted)] if wanted else []


def filters_of(spec: ListSpec, at: QueryTime) -> list[ColumnElement[bool]]:
    """All conditions of a list; raises QueryError."""
    by_query, by_status = query_filters(spec, at), shown_statuses(spec, at)
    # Words are in no index, and one on state would cost a look-up for each row that has the status.
    return by_query + ([index_hints.outside_index(part) for part in by_status] if by_query else by_status)


def filters_outside_index(spec: ListSpec, at: QueryTime, *, met: Collection[Term] = ()) -> list[ColumnElement[bool]]:
    """All conditions of a list but for the terms that are met, to be tested on tokens that were found already.

    Raises QueryError.
    """
    parts = index_hints.conjuncts(query_filters(spec, at, met=met) + shown_statuses(spec, at))
    # The ID of a whole key may find its token.
    return [index_hints.outside_index(part, unless=Token.__table__.c.id) for part in parts]


def shown_statuses(spec: ListSpec, at: QueryTime) -> list[ColumnElement[bool]]:
    """The condition that the statuses of a list stand for: the chosen ones, or all but deleted; empty for all."""
    by_status = status_filters(spec, at)
    return by_status if by_status or _with_deleted(spec) else [Token.deleted_at.is_(None)]


def segments(spec: ListSpec, at: QueryTime, *, backwards: bool = False) -> Iterator[Segment]:
    """The list in parts, in the order in which they follow one another; a status that it doesn't show has none.

    Each is made when it is asked for: most pages need the first alone. Only for a list that `has_index`.
    """
    descending = spec.sort.descending
    if not is_by_status(spec):
        with_deleted = bool(spec.statuses) or _with_deleted(spec)
        yield Segment(_COLUMNS[spec.sort.field], descending, () if with_deleted else (_not_deleted(),))
        return
    for status in sorted(spec.statuses or Status, key=partial(rank_of, spec), reverse=backwards):
        if not spec.statuses and status is Status.DELETED and not _with_deleted(spec):
            continue
        column, latest_first = _WITHIN_STATUS[status]
        if status is Status.DISABLED:  # in a form that the index on state does not serve, which has another order
            conditions: tuple[ColumnElement[bool], ...] = (Token.disabled_at.is_not(None), _not_deleted())
        else:
            conditions = (status_is(status, now=at.now, expiring=at.expiring),)
        yield Segment(column, latest_first != descending, conditions, status, rank_of(spec, status))


def with_statuses_of_query(spec: ListSpec) -> ListSpec:
    """The same list, with the statuses that its query demands as those that it shows: they have an order of their own.

    The query keeps them, so that what is meant stays; a status that can't be read is left to it.
    """
    demanded: set[Status] = set(spec.statuses or Status)
    for term in parse(spec.query):
        if term.field == "status" and not term.negated:
            values = {alternative.value.lower() for alternative in term.alternatives}
            demanded &= {status for status in Status if status in values}
    if not spec.statuses and demanded == set(Status):
        return spec
    return replace(spec, statuses=tuple(status for status in Status if status in demanded)) if demanded else spec


def is_listed(spec: ListSpec, status: Status) -> bool:
    """Whether the list holds tokens of this status, as far as its query does not say otherwise."""
    return status in spec.statuses if spec.statuses else status is not Status.DELETED or _with_deleted(spec)


def rank_of(spec: ListSpec, status: Status | None) -> int:
    """How many statuses come before this one in the order of the list; 0 where it is not sorted by statuses."""
    if status is None:
        return 0
    statuses = _STATUSES[spec.sort.field]
    return statuses[:: -1 if spec.sort.descending else 1].index(status)


def sort_keys(spec: ListSpec, at: QueryTime, *, use_index: bool = True) -> tuple[ColumnElement[Any], ...]:
    """What the whole list is sorted by, all ascending or all descending."""
    if not has_index(spec):
        return reports.requests_of(_ID, now=at.now, zone=at.zone), _ID
    if not is_by_status(spec):
        column = _COLUMNS[spec.sort.field]
        hinted = column if use_index else index_hints.without_index(column)
        return (hinted,) if spec.sort.field is SortField.ID else (_sortable(hinted), _ID)
    ranks = {status: rank for rank, status in enumerate(_STATUSES[spec.sort.field])}
    moments = {
        status: _signed(type_coerce(column, BigInteger), status) for status, (column, _) in _WITHIN_STATUS.items()
    }
    ids = {status: _signed(_ID, status) for status in Status}
    conditions = _conditions_in_turn(at)
    return tuple(case(*((is_it, of[status]) for status, is_it in conditions)) for of in (ranks, moments, ids))


def _conditions_in_turn(at: QueryTime) -> tuple[tuple[Status, ColumnElement[bool]], ...]:
    """Each status with what tells it from those after it: shorter than `status_is`, which takes longer for each row."""
    soon = at.now + at.expiring
    return (
        (Status.DELETED, Token.deleted_at.is_not(None)),
        (Status.DISABLED, Token.disabled_at.is_not(None)),
        (Status.EXPIRED, Token.expires_at <= at.now),
        (Status.EXPIRING, Token.expires_at <= soon),
        (Status.ACTIVE, Token.expires_at > soon),
    )


def sort_values(spec: ListSpec, at: QueryTime, cursor: Cursor) -> tuple[ColumnElement[Any], ...]:
    """The values that the cursor's row has of `sort_keys`."""
    if not has_index(spec):
        return reports.requests_of(literal(cursor.id), now=at.now, zone=at.zone), literal(cursor.id)
    if cursor.status is None:
        column = _COLUMNS[spec.sort.field]
        return (literal(cursor.id),) if column is _ID else (_value_of(cursor, column), literal(cursor.id))
    moment: ColumnElement[Any] = (
        _as_stored(cursor.value)
        if isinstance(cursor.value, Damaged)
        else literal(to_micros(LATEST if cursor.value is None else cursor.value), BigInteger)
    )
    rank = _STATUSES[spec.sort.field].index(cursor.status)
    return (
        literal(rank),
        _signed(moment, cursor.status),
        literal(_signed(cursor.id, cursor.status)),
    )


def past(
    keys: Sequence[ColumnElement[Any]], values: Sequence[ColumnElement[Any]], *, descending: bool
) -> ColumnElement[bool]:
    """The condition that a row comes after these values in the order, as a row-value comparison."""
    if len(keys) == 1:
        return keys[0] < values[0] if descending else keys[0] > values[0]
    return tuple_(*keys) < tuple_(*values) if descending else tuple_(*keys) > tuple_(*values)


def sorted_by(statement: Select[Any], keys: Sequence[ColumnElement[Any]], *, descending: bool) -> Select[Any]:
    """The statement in the order of the keys."""
    return statement.order_by(*(key.desc() if descending else key for key in keys))


def _with_deleted(spec: ListSpec) -> bool:
    return spec.include_deleted or asks_for_deleted(spec.query)


def _not_deleted() -> ColumnElement[bool]:
    """For a segment whose index tells which tokens are deleted: these are left out without a look at their rows."""
    return index_hints.outside_index(Token.deleted_at.is_(None))


def _signed(number: Any, status: Status) -> Any:
    """The number, or its negative where the latest of the status is the first."""
    return -number if _WITHIN_STATUS[status][1] else number


def _value_of(cursor: Cursor, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """What the cursor's row has in the column that its list is sorted by."""
    if isinstance(cursor.value, Damaged):
        return _as_stored(cursor.value)
    value: ColumnElement[Any] = literal(cursor.value, column.type)
    return IgnoringCase(value) if _ignores_case(column) else value


def _sortable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column in the order in which a list has it."""
    return IgnoringCase(column) if _ignores_case(column) else column


def _ignores_case(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, PlainText) and column.type.ignore_case


def _as_stored(value: Damaged) -> ColumnElement[Any]:
    """What a column holds, to be compared with it as it is."""
    if isinstance(value.raw, str):
        return cast(literal(value.raw.encode("utf-8", "surrogateescape"), LargeBinary), String)
    return literal(value.raw)
