"""No count is lost: not beside other processes, not at the end, not where the database is locked."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import FrozenClock, make_token
from tokentui.context import Context
from tokentui.models import Secret, Usage
from tokentui.records import TokenInfo
from tokentui.tokens.reads import get_token
from tokentui.usage import reports
from tokentui.usage.recorder import Recorder

TOKEN = TokenInfo("SU-000-000-007", "Seven", None, "custom", ("*",), 7, 1)


def totals(context: Context) -> dict[int, tuple[int, int, int, int]]:
    """Counts by token, all slots together."""
    totals_by_token: dict[int, tuple[int, int, int, int]] = {}
    with context.database.read() as session:
        for row in session.scalars(select(Usage)):
            a, b, c, d = totals_by_token.get(row.token_id, (0, 0, 0, 0))
            totals_by_token[row.token_id] = (
                a + row.success, b + row.redirection, c + row.client_error, d + row.server_error
            )  # fmt: skip
    return totals_by_token


def test_classes(context: Context) -> None:
    """A status counts in its class; a second flush adds."""
    recorder = Recorder(context, interval=3600)
    for status in (101, 200, 204, 301, 404, 499, 500, 599):
        recorder.count(TOKEN, status)
    assert recorder.flush()
    recorder.count(TOKEN, 200)
    recorder.close()
    assert totals(context) == {7: (4, 1, 2, 2)}


def test_the_thread_flushes(context: Context) -> None:
    """Without being asked."""
    recorder = Recorder(context, interval=0.01)
    recorder.count(TOKEN, 200)
    flushed = threading.Event()

    def wait() -> None:
        while not totals(context):
            pass
        flushed.set()

    threading.Thread(target=wait, daemon=True).start()
    assert flushed.wait(20)
    recorder.close()


def test_last_used(context: Context, clock: FrozenClock) -> None:
    """The moment and the address, on token and secret, at most once a minute."""
    issued = make_token(context)
    with context.database.read() as session:
        secret = session.scalars(select(Secret.id)).one()
    info = TokenInfo(issued.token.label, "x", None, "custom", ("*",), issued.token.id, secret)
    recorder = Recorder(context, interval=3600)
    first = clock()
    recorder.count(info, 200, "203.0.113.9")
    clock.move(seconds=59)
    recorder.count(info, 200, "203.0.113.10")
    recorder.flush()
    record = get_token(context, issued.token.id)
    assert (record.last_used_at, record.last_used_from, record.version) == (first, "203.0.113.9", 1)
    with context.database.read() as session:
        assert session.scalars(select(Secret.last_used_at)).one() == first
    clock.move(seconds=1)
    recorder.count(info, 200, "203.0.113.10")
    clock.move(minutes=5)
    recorder.count(info, 403, "203.0.113.66", used=False)
    recorder.close()
    assert get_token(context, issued.token.id).last_used_from == "203.0.113.10"
    assert reports.daily(context, issued.token.id, days=7).days[-1].total == 4


@pytest.mark.parametrize(
    ("client", "kept"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:DB8::1", "2001:db8::1"),
        (None, ""),
        ("", ""),
        ("unknown", ""),
        ("_hidden", ""),
        ("\x9b31mred", ""),
        ("203.0.113.9\x9b31m", ""),
        ("\u202e203.0.113.9", ""),
        ("x" * 100_000, ""),
    ],
)
def test_an_invalid_address_is_not_recorded(context: Context, client: str | None, kept: str) -> None:
    """A proxy may hand on what a client wrote into X-Forwarded-For; the use itself counts."""
    issued = make_token(context)
    recorder = Recorder(context, interval=3600)
    recorder.record_use(TokenInfo(issued.token.label, "x", None, "custom", ("*",), issued.token.id, 1), client)
    recorder.close()
    record = get_token(context, issued.token.id)
    assert (record.last_used_at, record.last_used_from) == (context.now(), kept)


def test_a_use_is_never_ahead_of_now(context: Context, clock: FrozenClock) -> None:
    """A clock that ran an hour ahead was set right: the next use shows, without waiting for that hour."""
    issued = make_token(context)
    with context.database.read() as session:
        secret = session.scalars(select(Secret.id)).one()
    info = TokenInfo(issued.token.label, "x", None, "custom", ("*",), issued.token.id, secret)
    recorder = Recorder(context, interval=3600)
    clock.move(hours=1)
    recorder.record_use(info, "203.0.113.9")
    recorder.flush()
    recorder.record_use(info, "203.0.113.9")
    clock.move(hours=-1)
    recorder.record_use(info, "203.0.113.10")
    recorder.close()
    record = get_token(context, issued.token.id)
    assert (record.last_used_at, record.last_used_from) == (clock(), "203.0.113.10")
    with context.database.read() as session:
        assert session.scalars(select(Secret.last_used_at)).one() == clock()


def test_a_clock_that_is_set_back_before_the_flush(context: Context, clock: FrozenClock) -> None:
    """What was recorded ahead of it is written as now."""
    issued = make_token(context)
    info = TokenInfo(issued.token.label, "x", None, "custom", ("*",), issued.token.id, 1)
    recorder = Recorder(context, interval=3600)
    clock.move(hours=1)
    recorder.record_use(info, "203.0.113.9")
    clock.move(hours=-1)
    recorder.close()
    assert get_token(context, issued.token.id).last_used_at == clock()


@pytest.mark.sqlite
def test_a_locked_database_keeps_the_counts(open_as: Callable[..., Context], context: Context) -> None:
    """They are written once the lock is gone."""
    impatient = open_as(busy_timeout=timedelta(0))
    recorder = Recorder(impatient, interval=3600)
    recorder.count(TOKEN, 200)
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert recorder.flush() is False
        recorder.count(TOKEN, 500)
        other.execute("ROLLBACK")
    assert recorder.flush()
    assert totals(context) == {7: (1, 0, 0, 1)}
    recorder.close()


@pytest.mark.sqlite
def test_a_locked_database_at_the_end(
    open_as: Callable[..., Context], context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said, and tried once more when the process ends."""
    recorder = Recorder(open_as(busy_timeout=timedelta(0)), interval=3600)
    recorder.count(TOKEN, 200)
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder.close()
        assert "can't be written" in caplog.text
        other.execute("ROLLBACK")
    recorder.close()
    assert totals(context) == {7: (1, 0, 0, 0)}


@pytest.mark.parametrize("turn", range(5))
def test_shutdown_race(context: Context, turn: int) -> None:
    """Requests that end while the recorder is closed are counted too."""
    recorder = Recorder(context, interval=0.001)
    started = threading.Barrier(5)

    def work() -> None:
        started.wait()
        for _ in range(100):
            recorder.count(TOKEN, 200)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    recorder.close()
    for thread in threads:
        thread.join()
    assert totals(context) == {7: (400, 0, 0, 0)}


def test_opened_again_while_it_runs(context: Context) -> None:
    """As where the server starts the application that counted before: it still can be closed."""
    recorder = Recorder(context, interval=3600)
    recorder.count(TOKEN, 200)
    recorder.reopen()
    closing = threading.Thread(target=recorder.close, daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
    assert totals(context) == {7: (1, 0, 0, 0)}


COUNT = """
import sys
from tokentui.context import Actor, Context
from tokentui.database.database import open_database
from tokentui.records import TokenInfo
from tokentui.usage.recorder import Recorder
from tokentui.settings import load
context = Context(open_database(sys.argv[1]), load(), Actor("gate"))
recorder = Recorder(context, interval=0.002)
token = TokenInfo("SU-000-000-007", "Seven", None, "custom", ("*",), 7, 1)
"""


def process(context: Context, program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COUNT + program, str(context.database.path)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.sqlite
def test_four_processes(context: Context) -> None:
    """All end without closing anything: the last flush comes by itself."""
    program = "for number in range(5000):\n    recorder.count(token, 200 + 100 * (number % 4))\n"
    others = [process(context, program) for _ in range(4)]
    for other in others:
        other.communicate()
        assert other.returncode == 0
    assert totals(context) == {7: (5000, 5000, 5000, 5000)}


@pytest.mark.sqlite
def test_killed(context: Context) -> None:
    """What was flushed stays, what was not is all that is lost."""
    program = """
for _ in range(100):
    recorder.count(token, 200)
recorder.flush()
recorder._flushing.acquire()
recorder.count(token, 200)
print("ready", flush=True)
import threading; threading.Event().wait()
"""
    with process(context, program) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.send_signal(signal.SIGKILL)
    assert totals(context) == {7: (100, 0, 0, 0)}


def test_fork(context: Context) -> None:
    """Parent and child write their own counts, each once."""
    recorder = Recorder(context, interval=3600)
    recorder.count(TOKEN, 200)
    child = os.fork()
    if child == 0:
        recorder.count(TOKEN, 404)
        recorder.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    recorder.close()
    assert totals(context) == {7: (1, 0, 1, 0)}
