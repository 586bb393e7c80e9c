"""Reading the list for the table: what a window needs, from services alone. Runs in a thread; no widget here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tokentui import keyring
from tokentui.context import Context
from tokentui.errors import NoSuchToken
from tokentui.listing.spec import ListSpec, cursor_of
from tokentui.records import Status, TokenRecord
from tokentui.screens import services
from tokentui.screens.tokens.columns import USE_DAYS, DailyUse
from tokentui.screens.tokens.pages import SIZE

_LOOK_INTERVAL = timedelta(minutes=1)
"""How soon a list is read again whose filter names a time: when a token comes into it next is not worked out."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as it stood at one moment, seen from the cursor: length, the cursor's row, the pages around it."""

    spec: ListSpec
    total: int
    index: int
    pages: dict[int, tuple[TokenRecord, ...]]
    counts: dict[Status, int]
    read_at: datetime
    """When the reading began: what has changed by itself since then may not be in it."""
    next_change: datetime | None = None
    """When the status of a token changes next by itself, or what a filter by time shows is looked at again."""
    hidden: frozenset[int] = frozenset()
    """The marked tokens that are not in the list."""


def read_listing(
    context: Context,
    spec: ListSpec,
    *,
    token_id: int | None,
    index: int,
    height: int,
    marks: frozenset[int] = frozenset(),
) -> Listing:
    """The list around a token, or around a row where the token is not in it (any more)."""
    read_at = context.now()
    total = services.counts.count(context, spec)
    located = _locate(context, spec, token_id) if token_id is not None else None
    place = min(located[0] if located else index, max(total - 1, 0))
    number = place // SIZE
    if located is not None:
        kept = {number: _page_around(context, spec, located[1], place)}
    else:
        kept = {number: read_page(context, spec, number, total)} if total else {}
    # A window rarely ends with a page: its neighbour is read by key at once, so that no placeholder flashes.
    page = kept.get(number, ())
    if page and place % SIZE + height > SIZE:
        kept[number + 1] = services.pages.page(context, spec, after=cursor_of(page[-1], spec), limit=SIZE)
    if page and number and place % SIZE < height:
        kept[number - 1] = services.pages.page(context, spec, before=cursor_of(page[0], spec), limit=SIZE)
    hidden = marks - services.counts.matching_ids_among(context, spec, tuple(marks)) if marks else marks
    by_status = services.reads.count_by_status(context)
    return Listing(spec, total, place, kept, by_status, read_at, _next_change(context, spec, read_at), hidden)


def _next_change(context: Context, spec: ListSpec, read_at: datetime) -> datetime | None:
    of_status = services.reads.next_status_change(context, read_at)
    if not services.filter_conditions.changes_with_time(spec.query):
        return of_status
    look = read_at + _LOOK_INTERVAL
    return look if of_status is None else min(look, of_status)


def read_page(
    context: Context,
    spec: ListSpec,
    number: int,
    total: int,
    *,
    before: TokenRecord | None = None,
    after: TokenRecord | None = None,
) -> tuple[TokenRecord, ...]:
    """Reads page `number`: from a row next to it or an end of the list; counts only where neither is at hand."""
    if number == 0:
        return services.pages.page(context, spec, limit=SIZE)
    if before is not None:
        return services.pages.page(context, spec, after=cursor_of(before, spec), limit=SIZE)
    if (number + 1) * SIZE >= total:
        return services.pages.page(context, spec, from_end=True, limit=total - number * SIZE)
    if after is not None:
        return services.pages.page(context, spec, before=cursor_of(after, spec), limit=SIZE)
    return services.pages.page(context, spec, after=services.counts.seek(context, spec, number * SIZE), limit=SIZE)


def read_use(context: Context, ids: tuple[int, ...]) -> dict[int, DailyUse]:
    """The responses to each of these tokens in the last `USE_DAYS` days."""
    return services.reports.sparklines(context, ids, days=USE_DAYS)


def is_backup_due(context: Context) -> bool | None:
    """Whether the operator is to be reminded of a copy of the master key, not where nothing can be noted of one.

    None while there is no master key.
    """
    if context.is_demo or context.database.read_only:
        return False
    with context.database.read() as session:
        return keyring.lacks_backup(session)


def _locate(context: Context, spec: ListSpec, token_id: int) -> tuple[int, TokenRecord] | None:
    """The token's row number and record, where it is in the list."""
    try:
        token = services.reads.get_token(context, token_id)
    except NoSuchToken:
        return None
    cursor = cursor_of(token, spec)
    before = services.pages.page(context, spec, before=cursor, limit=1)
    start = cursor_of(before[0], spec) if before else None
    rows = services.pages.page(context, spec, after=start, limit=1)
    if not rows or rows[0].id != token_id:
        return None
    return services.counts.rank(context, spec, cursor), rows[0]


def _page_around(context: Context, spec: ListSpec, token: TokenRecord, index: int) -> tuple[TokenRecord, ...]:
    cursor = cursor_of(token, spec)
    offset = index % SIZE
    before = services.pages.page(context, spec, before=cursor, limit=offset) if offset else ()
    after = services.pages.page(context, spec, after=cursor, limit=SIZE - offset - 1) if offset < SIZE - 1 else ()
    return (*before, token, *after)
