"""What the API answers shows in the open app within seconds, without a key pressed."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.servers import free_ports, running

pytestmark = pytest.mark.e2e

PROMPTLY = 3.0
BAR = re.compile("[▁-█]")


def tell(port: int, token: str, status: int, number: int) -> None:
    """The access log of so many responses, as nginx sends it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(number):
            line = {
                "time": f"{time.time():.3f}", "request": os.urandom(16).hex(), "token": token, "status": str(status),
                "client": "203.0.113.9",
            }  # fmt: skip
            sender.sendto(b"<190>Nov 24 10:30:00 tokentui: " + json.dumps(line).encode(), ("127.0.0.1", port))


def test_responses_show_at_once(empty: Installed, tmp_path: Path) -> None:
    """In the table, in the statistics of the token, and in the command for all tokens together."""
    token = empty.json("create", "--name", "Fresh", "--all-modules")["id"]
    gate, log = free_ports(2)
    command: list[str | Path] = [PROGRAM, "serve", "--port", str(gate), "--access-log", f"udp://127.0.0.1:{log}"]
    with running(command, empty.environment, tmp_path / "serve.log", gate):
        app = empty.open(columns=160, lines=40)
        app.wait_for("Fresh")
        assert "never" in app.text
        assert not BAR.search(app.text)
        tell(log, token, 200, 5)
        app.wait(lambda text: "never" not in text and BAR.search(text), "last use and sparkline", seconds=PROMPTLY)
        app.press("enter")
        app.wait_for("API KEY/HANDLE")
        app.press("]")
        app.wait_for("2xx")
        app.wait_for(" 5 ")
        tell(log, token, 404, 37)
        app.wait(lambda text: " 37 " in text and " 42 " in text, "counts on the chart", seconds=PROMPTLY)
        assert empty.json("stats", "--days", "1")["totals"] == {"2xx": 5, "3xx": 0, "4xx": 37, "5xx": 0}
        app.press("ctrl+q")
        assert app.end() == 0
