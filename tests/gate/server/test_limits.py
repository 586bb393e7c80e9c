"""A server with very many silent connections still answers the others."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
from pathlib import Path

import pytest

from tests.e2e.servers import free_ports, running
from tests.factories import make_token
from tokentui.context import Context
from tokentui.gate.server import limits
from tokentui.gate.server.limits import Connections


class Connection:
    """Remembers that it was closed."""

    def __init__(self) -> None:
        self.used_at = 0.0
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_the_longest_silent_makes_room() -> None:
    """One that never asked before one that is idle between two requests."""
    connections = Connections(3)
    idle, silent, busy, fresh, last = (Connection() for _ in range(5))
    connections.add(idle)
    connections.served(idle)
    connections.add(silent)
    connections.add(busy)
    connections.served(busy)
    connections.add(fresh)
    assert [held.aborted for held in (idle, silent, busy, fresh)] == [False, True, False, False]
    connections.served(fresh)
    connections.add(last)
    assert [held.aborted for held in (idle, busy, fresh, last)] == [True, False, False, False]
    assert len(connections) == 3


def test_overdue_ones_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time since they owe the head of a request; an idle one later."""
    now = 1000.0
    monkeypatch.setattr(limits, "monotonic", lambda: now)
    connections = Connections(10)
    silent, served = Connection(), Connection()
    connections.add(silent)
    connections.add(served)
    connections.served(served)
    now += limits.HEADERS_TIMEOUT_S - 0.1
    connections.close_overdue()
    assert not silent.aborted
    now += 0.1
    connections.close_overdue()
    assert (silent.aborted, served.aborted) == (True, False)
    now += limits.IDLE_TIMEOUT_S
    connections.close_overdue()
    assert served.aborted


def test_room_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the limit of the process is."""
    for soft, most in ((256, 32), (1024, 800), (1 << 20, 10_000), (resource.RLIM_INFINITY, 10_000)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert limits.max_connections() == most


@pytest.mark.e2e
@pytest.mark.parametrize("sent", [b"", b"GET /auth HTTP/1.1\r\nhost: a\r\nx-half: "], ids=["nothing", "half a head"])
def test_silent_connections(context: Context, tmp_path: Path, sent: bytes) -> None:
    """1 100 of them, at `ulimit -n 1024`: the next one is answered, and the log has one line and no traceback."""
    make_token(context)
    context.close()
    (port,) = free_ports(1)
    program = Path(sys.executable).with_name("tokentui")
    command = ["sh", "-c", f"ulimit -n 1024; exec {program} serve --port {port}"]
    environment = {**os.environ, "TOKENTUI_HOME": str(context.settings.home)}
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("this process may not open 1 100 connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    try:
        with running(command, environment, tmp_path / "log", port) as server, contextlib.ExitStack() as silent:
            for _ in range(1_100):
                connection = silent.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
                with contextlib.suppress(OSError):
                    connection.sendall(sent)
            for _ in range(5):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
                    asking.sendall(b"GET /auth HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
                    assert asking.recv(65_536).startswith(b"HTTP/1.1 401 ")
            said = server.said()
            assert said.count("connections are open") == 1
            assert "Traceback" not in said
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
