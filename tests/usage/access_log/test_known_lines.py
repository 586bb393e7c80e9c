"""Which lines are known, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock
from tests.usage.access_log.conftest import Line, ingest_lines
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.models import LoggedHour, LoggedLine
from tokentui.records import Issued
from tokentui.usage import retention
from tokentui.usage.access_log import known_lines


def remembered_lines(context: Context) -> int:
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(LoggedLine)) or 0


def test_an_hour_is_closed_a_week_after_its_last_line(
    context: Context, issued: Issued, line: Line, clock: FrozenClock
) -> None:
    """Its lines are forgotten then, so none of it may be counted any more, or it could count twice."""
    old, other = line(), line(at=clock.moment - timedelta(hours=3))
    ingest_lines(context, old, other)
    clock.move(days=6)
    ingest_lines(context, line(at=clock.moment - timedelta(days=6)))
    clock.move(days=2)
    assert known_lines.forget(context) == 1  # the hour of `other`: the other one got a line two days ago
    again = ingest_lines(context, old, other)
    assert (again.counted, again.duplicates, again.closed) == (0, 1, 1)
    clock.move(days=6)
    assert known_lines.forget(context) == 1
    assert ingest_lines(context, old).closed == 1
    assert remembered_lines(context) == 0
    assert totals(context) == {issued.token.id: (3, 0, 0, 0)}


def test_tidying_closes_hours(context: Context, line: Line, clock: FrozenClock) -> None:
    text = line()
    ingest_lines(context, text)
    clock.move(days=8)
    retention.tidy(context)
    assert ingest_lines(context, text).closed == 1


def test_an_old_log_is_counted_the_first_time(context: Context, issued: Issued, line: Line, clock: FrozenClock) -> None:
    """However old: only an hour that was known and forgotten is closed."""
    text = line(at=clock.moment - timedelta(days=90))
    assert [ingest_lines(context, text).counted, ingest_lines(context, text).duplicates] == [1, 1]


def test_years_of_hours_are_closed_at_once(context: Context, line: Line, clock: FrozenClock) -> None:
    """More of them than SQLite takes as parameters of one statement."""
    start = int(clock.moment.timestamp()) // 3600 - 40_000
    with context.database.write() as session:
        rows = [{"hour": start + number, "counted_at": clock.moment, "closed": False} for number in range(35_000)]
        session.bulk_insert_mappings(LoggedHour.__mapper__, rows)
        session.commit()
    clock.move(days=8)
    assert known_lines.forget(context) == 35_000


def test_lines_of_a_closed_hour_that_a_killed_process_left_are_deleted(
    context: Context, line: Line, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed first, then forgotten some at a time: so it may end in between."""
    monkeypatch.setattr(known_lines, "_DELETE_BATCH_ROWS", 2)
    ingest_lines(context, *(line() for _ in range(5)))
    clock.move(days=8)
    with monkeypatch.context() as killed:
        killed.setattr(known_lines, "_delete_some", lambda context, hour: False)
        assert known_lines.forget(context) == 1
    assert remembered_lines(context) == 5
    assert known_lines.forget(context) == 0
    assert remembered_lines(context) == 0


def test_four_lines_of_a_counter_are_four(context: Context, issued: Issued, line: Line) -> None:
    """And of other balancers, whose IDs are alike but for their end."""
    for form in ("{}", "018f3c6e-7b00-7000-8000-{:012}", "01J9ZK3V5T{:016}", "Root=1-67891233-{:024x}"):
        lines = [line(request=form.format(number)) for number in range(4)]
        assert ingest_lines(context, *lines).counted == 4
        assert ingest_lines(context, *lines).duplicates == 4
    assert totals(context) == {issued.token.id: (16, 0, 0, 0)}
