"""An access log that is sent live: what arrives is counted."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock
from tests.usage.access_log.conftest import Line
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.models import LoggedLine
from tokentui.records import Issued
from tokentui.usage.access_log.log_socket import bind
from tokentui.usage.access_log.syslog_listener import LiveLog


@pytest.mark.parametrize("kind", ["udp", "unix"])
def test_received_lines_are_counted(context: Context, issued: Issued, line: Line, tmp_path: Path, kind: str) -> None:
    """And the end waits for what is there."""
    bound = bind("udp://127.0.0.1:0" if kind == "udp" else f"unix:{tmp_path / 'access.sock'}")
    log = LiveLog(context, bound, interval=0.01)
    log.start()
    with socket.socket(bound.socket.family, socket.SOCK_DGRAM) as sender:
        address = bound.socket.getsockname()
        sender.sendto(b"<190>Nov 24 10:30:00 tokentui: " + line().encode(), address)
        counted = threading.Event()
        while not totals(context):
            counted.wait(0.01)
        for _ in range(100):
            sender.sendto(line(500).encode(), address)
    log.close()
    assert totals(context) == {issued.token.id: (1, 0, 0, 100)}
    assert (log.result.counted, log.dropped) == (101, 0)
    assert not (tmp_path / "access.sock").exists()


@pytest.mark.sqlite
def test_lines_are_kept_while_the_database_cannot_be_written(
    context: Context, open_as: Callable[..., Context], line: Line
) -> None:
    """What nobody trusted sends is not."""
    impatient = open_as(busy_timeout=timedelta(0))
    log = LiveLog(impatient, bind("udp://127.0.0.1:0"), interval=3600)
    log._keep(line().encode(), "127.0.0.1")
    with context.database.write():
        log._flush()
    assert log.result.counted == 0
    log._keep(line().encode(), "203.0.113.1")
    log.close()
    assert (log.result.counted, log.dropped) == (1, 1)


def test_known_lines_are_tidied_while_it_runs(
    context: Context, issued: Issued, line: Line, clock: FrozenClock, tmp_path: Path
) -> None:
    """A month of lines, an hour apart: those of the last week are known one by one."""
    bound = bind(f"unix:{tmp_path / 'access.sock'}")
    log = LiveLog(context, bound, interval=0.001)
    log.start()
    written = threading.Event()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(os.fspath(tmp_path / "access.sock"))
        for day in range(30):
            sender.send(line().encode())
            while log.result.counted <= day:
                written.wait(0.001)
            clock.move(days=1)
    with context.database.read() as session:
        remembered = select(func.count()).select_from(LoggedLine)
        while int(session.scalar(remembered) or 0) > 8:
            session.rollback()
            written.wait(0.001)
    log.close()
    assert totals(context) == {issued.token.id: (30, 0, 0, 0)}
