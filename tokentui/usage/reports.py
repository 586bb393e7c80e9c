"""Reading the responses that were counted: by day, by token, for a page of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal, select

from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import NoSuchToken
from tokentui.models import Token, Usage
from tokentui.usage import series

_ALL = Usage.success + Usage.redirection + Usage.client_error + Usage.server_error
_ERRORS = Usage.client_error + Usage.server_error


def daily(context: Context, token_id: int | None = None, *, days: int = 30) -> series.Series:
    """The last `days` local days of one token, or of all together; raises NoSuchToken."""
    now, zone = context.now(), context.zone
    first = series.first_hour(days=days, now=now, zone=zone)
    sums = [func.sum(c) for c in (Usage.success, Usage.redirection, Usage.client_error, Usage.server_error)]
    statement = select(Usage.hour, *sums).where(Usage.hour >= first).group_by(Usage.hour)
    if token_id is not None:
        statement = statement.where(Usage.token_id == token_id)
    with context.database.read() as session:
        if token_id is None:
            since: datetime | None = session.scalar(select(func.min(Token.created_at)))
        else:
            since = session.scalar(select(Token.created_at).where(Token.id == token_id))
            if since is None:
                raise NoSuchToken(f"there is no token {format_id(token_id)}", "see `tokentui list`")
        hours = [(row[0], (row[1], row[2], row[3], row[4])) for row in session.execute(statement)]
    return series.of_hours(hours, days=days, now=now, zone=zone, counting_since=since)


def has_any(context: Context, token_id: int | None = None) -> bool:
    """Whether a response was ever recorded, for one token or for any."""
    statement = select(Usage.hour).limit(1)
    if token_id is not None:
        statement = statement.where(Usage.token_id == token_id)
    with context.database.read() as session:
        return session.execute(statement).first() is not None


def totals(context: Context, ids: Sequence[int], *, days: int = 30) -> dict[int, int]:
    """The responses to each of these tokens (a page of them) in the last `days` local days; 0 where there were none."""
    first = series.first_hour(days=days, now=context.now(), zone=context.zone)
    statement = (
        select(Usage.token_id, func.sum(_ALL))
        .where(Usage.token_id.in_(ids), Usage.hour >= first)
        .group_by(Usage.token_id)
    )
    with context.database.read() as session:
        found = {row[0]: int(row[1]) for row in session.execute(statement)}
    return {token_id: found.get(token_id, 0) for token_id in ids}


def sparklines(context: Context, ids: Sequence[int], *, days: int = 30) -> dict[int, tuple[tuple[int, int], ...]]:
    """For each token its last `days` local days as (responses, errors among them), the oldest first."""
    starts = series.first_hours(days=days, now=context.now(), zone=context.zone)
    day = _day_index(starts)
    statement = (
        select(Usage.token_id, day, func.sum(_ALL), func.sum(_ERRORS))
        .where(Usage.token_id.in_(ids), Usage.hour >= starts[0])
        .group_by(Usage.token_id, day)
    )
    lines = {token_id: [(0, 0)] * days for token_id in ids}
    with context.database.read() as session:
        for token_id, index, total, errors in session.execute(statement):
            if index < days:  # a clock that runs ahead elsewhere may have counted into tomorrow
                lines[token_id][index] = (int(total), int(errors))
    return {token_id: tuple(line) for token_id, line in lines.items()}


def _day_index(starts: Sequence[int]) -> ColumnElement[int]:
    """Which of the days an hour falls into: each 24 hours the next one, moved where the clocks were changed."""
    since = Usage.hour - starts[0]
    moved = [hour - starts[0] - 24 * index for index, hour in enumerate(starts)]
    changes = [
        # From the 25th hour of a longer day on, which would be the next day's first; or from a shorter day's end on.
        (Usage.hour >= starts[index] - max(0, moved[index] - moved[index - 1]), literal(moved[index]))
        for index in range(len(starts) - 1, 0, -1)
        if moved[index] != moved[index - 1]
    ]
    return (since - case(*changes, else_=0) if changes else since) // 24
