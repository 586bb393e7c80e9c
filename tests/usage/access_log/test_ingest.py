"""Lines of an access log become counts, each line once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories import FrozenClock
from tests.usage.access_log.conftest import Line, ingest_lines
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.errors import DatabaseLocked, ReadOnly
from tokentui.records import Action, Issued
from tokentui.tokens import bulk
from tokentui.tokens.reads import get_token
from tokentui.usage import reports
from tokentui.usage.access_log.ingest import IngestResult, ingest


def test_classes_and_the_last_use(context: Context, issued: Issued, line: Line, clock: FrozenClock) -> None:
    result = ingest_lines(context, *(line(status) for status in (200, 204, 301, 403, 404, 500)))
    assert (result.counted, result.lines, result.tokens) == (6, 6, {issued.token.id})
    assert totals(context) == {issued.token.id: (2, 1, 2, 1)}
    token = get_token(context, issued.token.id)
    assert (token.last_used_at, token.last_used_from) == (clock.moment, "203.0.113.9")


def test_the_same_line_counts_once(context: Context, issued: Issued, line: Line) -> None:
    """In one batch, in two, and in two databases' connections."""
    lines = [line(), line(500)]
    first = ingest_lines(context, *lines, lines[0])
    again = ingest_lines(context, *reversed(lines))
    assert (first.counted, first.duplicates) == (2, 1)
    assert (again.counted, again.duplicates) == (0, 2)
    assert totals(context) == {issued.token.id: (1, 0, 0, 1)}


def test_a_refusal_is_no_use(context: Context, issued: Issued, line: Line) -> None:
    ingest_lines(context, line(403))
    assert get_token(context, issued.token.id).last_used_at is None


def test_an_older_line_does_not_change_the_last_use(
    context: Context, issued: Issued, line: Line, clock: FrozenClock
) -> None:
    ingest_lines(context, line())
    ingest_lines(context, line(at=clock.moment - timedelta(hours=1), client="198.51.100.1"))
    assert get_token(context, issued.token.id).last_used_from == "203.0.113.9"


@pytest.mark.parametrize(
    ("seconds", "ahead"), [(0, False), (299, False), (300, False), (300.001, True), (72_000, True), (10**8, True)]
)
def test_a_line_ahead_of_the_clock_is_counted_now(
    context: Context, issued: Issued, line: Line, clock: FrozenClock, seconds: float, ahead: bool
) -> None:
    """By more than five minutes: today, once, and told of. No last use lies ahead of now."""
    text = line(at=clock.moment + timedelta(seconds=seconds))
    result = ingest_lines(context, text, line())
    assert (result.counted, result.ahead, result.lines) == (2, int(ahead), 2)
    assert get_token(context, issued.token.id).last_used_at == clock.moment
    assert reports.daily(context, issued.token.id).days[-1].total == 2
    clock.move(days=1)
    again = ingest_lines(context, text)
    assert (again.counted, again.duplicates) == (0, 1)


def test_a_use_that_was_written_ahead_of_now_gives_way_to_the_next(
    context: Context, issued: Issued, line: Line, clock: FrozenClock
) -> None:
    """As where the clock of a machine was wrong for a while."""
    ingest_lines(context, line(at=clock.moment))
    clock.move(days=-1)
    ingest_lines(context, line(client="198.51.100.1"))
    token = get_token(context, issued.token.id)
    assert (token.last_used_at, token.last_used_from) == (clock.moment, "198.51.100.1")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_counts_around_midnight_agree_everywhere(
    context: Context, issued: Issued, line: Line, clock: FrozenClock, zone: str
) -> None:
    """A line three minutes ahead, on tomorrow's date, counts nowhere until then."""
    context.zone = ZoneInfo(zone)
    midnight = datetime(2026, 11, 25, tzinfo=context.zone).astimezone(UTC)
    clock.set(midnight - timedelta(minutes=1))
    ingest_lines(context, line(at=midnight + timedelta(minutes=2)), line(at=midnight + timedelta(hours=20)), line())
    for total in (2, 3):
        token_id = issued.token.id
        assert reports.totals(context, [token_id]) == {token_id: total}
        assert reports.daily(context, token_id).total == total
        assert sum(requests for requests, _ in reports.sparklines(context, [token_id])[token_id]) == total
        clock.move(minutes=2)


def test_lines_that_are_not_counted(context: Context, line: Line, clock: FrozenClock) -> None:
    result = ingest_lines(
        context,
        line(401, token=""),
        line(token="SU-000-000-001"),
        "nonsense",
        line(request=""),
        line(),
    )
    assert (result.counted, result.without_token, result.unknown_token, result.unreadable) == (1, 1, 1, 2)
    assert [number for number, _ in result.bad] == [3, 4]
    assert "nonsense" not in result.bad[0][1]


def test_only_the_first_bad_lines_are_named(context: Context) -> None:
    result = ingest_lines(context, *["x"] * 1_000)
    assert (result.unreadable, len(result.bad)) == (1_000, 20)


def test_a_purged_token_is_not_counted(context: Context, issued: Issued, line: Line) -> None:
    bulk.apply(context, Action.DELETE, [issued.token.id])
    assert ingest_lines(context, line()).counted == 1
    bulk.apply(context, Action.PURGE, [issued.token.id])
    assert ingest_lines(context, line()).unknown_token == 1


@pytest.mark.sqlite
def test_nothing_is_counted_where_the_database_is_locked(
    context: Context, open_as: Callable[..., Context], line: Line
) -> None:
    impatient = open_as(busy_timeout=timedelta(0))
    result = IngestResult()
    text = line()
    with context.database.write(), pytest.raises(DatabaseLocked):
        ingest(impatient, [(1, text)], result)
    assert result == IngestResult()
    assert ingest_lines(impatient, text).counted == 1


def test_read_only(open_as: Callable[..., Context], line: Line) -> None:
    with pytest.raises(ReadOnly):
        ingest(open_as(read_only=True), [(1, line())], IngestResult())


def test_several_at_once_count_each_line_once(context: Context, issued: Issued, line: Line) -> None:
    """As a live log and an import of its file do."""
    lines = [line() for _ in range(400)]
    results = [IngestResult() for _ in range(4)]

    def work(result: IngestResult) -> None:
        for start in range(0, len(lines), 50):
            ingest(context, enumerate(lines[start : start + 50]), result)

    threads = [threading.Thread(target=work, args=(result,)) for result in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.counted for result in results) == 400
    assert totals(context) == {issued.token.id: (400, 0, 0, 0)}


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from tokentui.settings import load
from tokentui.bootstrap import open_context
from tokentui.usage.access_log.ingest import IngestResult, ingest
context = open_context(load())
@event.listens_for(context.database.engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if "INTO usage " in statement:
        os.kill(os.getpid(), signal.SIGKILL)
ingest(context, enumerate(sys.stdin), IngestResult())
"""


@pytest.mark.sqlite
def test_a_process_killed_in_between_has_done_nothing(context: Context, issued: Issued, line: Line) -> None:
    """Killed when the lines are remembered and the counts are not: then the same lines are taken again, whole."""
    lines = [line(), line()]
    environ = os.environ | {"TOKENTUI_HOME": str(context.settings.home)}
    done = subprocess.run([sys.executable, "-c", KILLED], input="\n".join(lines), text=True, env=environ, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert ingest_lines(context, *lines).counted == 2
