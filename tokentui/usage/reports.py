"""Reads the responses that were counted: by day, by token, for a page of the list.

Whatever is asked for, the same slots count to the same local day, and what lies behind today counts to none: a list's
requests, its sparklines, the chart and `stats` agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, SQLColumnExpression, Subquery, and_, case, func, literal, select, union_all

from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import NoSuchToken
from tokentui.models import SLOTS_A_DAY, Token, Usage
from tokentui.models.derived_tables import USAGE_DAYS
from tokentui.usage import series
from tokentui.usage.local_days import OUTSIDE, LocalDays, last_days

_CLASSES = (Usage.success, Usage.redirection, Usage.client_error, Usage.server_error)
ALL = Usage.success + Usage.redirection + Usage.client_error + Usage.server_error
ERRORS = Usage.client_error + Usage.server_error
DAYS = 30
"""How many local days the figures of a list are of."""


def daily(context: Context, token_id: int | None = None, *, days: int = DAYS) -> series.Series:
    """The last `days` local days of one token, or of all together; raises NoSuchToken."""
    local = _last_days(context, days)
    day = _day_index(local)
    statement = select(day, *(_sum(column) for column in _CLASSES)).where(_within(local)).group_by(day)
    if token_id is not None:
        statement = statement.where(Usage.token_id == token_id)
    with context.database.read() as session:
        if token_id is None:
            since: datetime | None = session.scalar(select(func.min(Token.created_at)))
        else:
            since = session.scalar(select(Token.created_at).where(Token.id == token_id))
            if since is None:
                raise NoSuchToken(f"there is no token {format_id(token_id)}", "see `tokentui list`")
        rows = session.execute(statement).all()
    counts = {int(row[0]): (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in rows}
    return series.series_of(local, counts, zone=context.zone, counting_since=since)


def has_any(context: Context, token_id: int | None = None) -> bool:
    """Whether a response was ever recorded, for one token or for any."""
    statement = select(Usage.slot).limit(1)
    if token_id is not None:
        statement = statement.where(Usage.token_id == token_id)
    with context.database.read() as session:
        return session.execute(statement).first() is not None


def totals(context: Context, ids: Sequence[int], *, days: int = DAYS) -> dict[int, int]:
    """The responses to each of these tokens (a page of them) in the last `days` local days; 0 where there were none."""
    within = _within(_last_days(context, days))
    statement = select(Usage.token_id, _sum(ALL)).where(Usage.token_id.in_(ids), within).group_by(Usage.token_id)
    with context.database.read() as session:
        counted = {row[0]: int(row[1]) for row in session.execute(statement)}
    return {token_id: counted.get(token_id, 0) for token_id in ids}


def sparklines(context: Context, ids: Sequence[int], *, days: int = DAYS) -> dict[int, tuple[tuple[int, int], ...]]:
    """For each token its last `days` local days as (responses, errors among them), the oldest first.

    The sums over the days are a token's requests and errors, as sorts and filters have them.
    """
    local = _last_days(context, days)
    day = _day_index(local)
    statement = (
        select(Usage.token_id, day, _sum(ALL), _sum(ERRORS))
        .where(Usage.token_id.in_(ids), _within(local))
        .group_by(Usage.token_id, day)
    )
    lines = {token_id: [(0, 0)] * days for token_id in ids}
    with context.database.read() as session:
        for token_id, index, total, errors in session.execute(statement):
            lines[token_id][int(index)] = (int(total), int(errors))
    return {token_id: tuple(line) for token_id, line in lines.items()}


def requests_of(token_id: ColumnElement[int], *, now: datetime, zone: tzinfo) -> ColumnElement[int]:
    """The responses of a token in the last `DAYS` local days, as SQL to sort by."""
    within = _within(last_days(DAYS, now=now, zone=zone))
    counted = select(func.sum(ALL)).where(Usage.token_id == token_id, within).correlate(Token).scalar_subquery()
    return func.coalesce(counted, 0)


def by_token(*, now: datetime, zone: tzinfo, keeps_days: bool) -> Subquery:
    """The same of all tokens that had any response, counted together: `token_id`, `requests` and `errors`.

    `keeps_days` says whether the database keeps sums by day of UTC, which are added up then, with the slots before and
    after the whole ones.
    """
    days = last_days(DAYS, now=now, zone=zone)
    first, end = -(-days.first // SLOTS_A_DAY), days.end // SLOTS_A_DAY
    if not keeps_days or first >= end or any(run.day == OUTSIDE for run in days.runs):
        sums = (_sum(ALL).label("requests"), _sum(ERRORS).label("errors"))
        return select(Usage.token_id, *sums).where(_within(days)).group_by(Usage.token_id).subquery()
    kept = USAGE_DAYS.c
    parts = [select(kept.token_id, kept.requests, kept.errors).where(kept.day >= first, kept.day < end)]
    for edge in (range(days.first, first * SLOTS_A_DAY), range(end * SLOTS_A_DAY, days.end)):
        if edge:
            counts = select(Usage.token_id, ALL.label("requests"), ERRORS.label("errors"))
            parts.append(counts.where(Usage.slot >= edge.start, Usage.slot < edge.stop))
    united = union_all(*parts).subquery().c
    sums = (_sum(united.requests).label("requests"), _sum(united.errors).label("errors"))
    return select(united.token_id, *sums).group_by(united.token_id).subquery()


def _sum(counts: SQLColumnExpression[int]) -> ColumnElement[int]:
    """A sum that is a number also where a row holds none."""
    return func.coalesce(func.sum(counts), 0)


def _last_days(context: Context, days: int) -> LocalDays:
    return last_days(days, now=context.now(), zone=context.zone)


def _within(days: LocalDays) -> ColumnElement[bool]:
    """Whether a slot belongs to any of the days."""
    span = and_(Usage.slot >= days.first, Usage.slot < days.end)
    return and_(span, _day_index(days) != OUTSIDE) if any(run.day == OUTSIDE for run in days.runs) else span


def _day_index(days: LocalDays) -> ColumnElement[int]:
    """The index of the day that a slot within the days belongs to, as SQL.

    By division, since a table of the days would be gone through for each slot: a case only where the clocks changed.
    """
    cases: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    origin: int | None = None
    for run in days.runs:
        if run.end - run.first > SLOTS_A_DAY or run.day == OUTSIDE:
            origin = None
            cases.append((Usage.slot >= run.first, literal(run.day)))
        elif run.first - SLOTS_A_DAY * run.day != origin:
            origin = run.first - SLOTS_A_DAY * run.day
            cases.append((Usage.slot >= run.first, (Usage.slot - origin) // SLOTS_A_DAY))
    (_, oldest), *changes = cases
    return case(*reversed(changes), else_=oldest) if changes else oldest
