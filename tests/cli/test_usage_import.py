"""`tokentui usage import`, as INTERFACES names it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from tests.cli.conftest import Tokentui


def line(token: str, status: int = 200, **fields: object) -> str:
    whole = {"time": f"{time.time():.3f}", "request": os.urandom(16).hex(), "token": token, "status": str(status)}
    return json.dumps(whole | fields) + "\n"


def totals(tokentui: Tokentui, token: str) -> list[int]:
    return list(tokentui("stats", token, "--json").json["totals"].values())


@pytest.fixture
def token(tokentui: Tokentui) -> str:
    return str(tokentui.make()["id"])


def test_a_file_twice(tokentui: Tokentui, token: str, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(line(token, status) for status in (200, 301, 404, 500)) + line("", 401) + "nonsense\n")
    first = tokentui("usage", "import", str(log), "--format", "nginx-json", "--json")
    assert first.status == 0
    assert first.json == {
        "counted": 4, "tokens": 1, "ahead": 0, "known": 0, "without_token": 1, "unknown_token": 0, "closed": 0,
        "unreadable": 1, "bad": [{"line": 6, "reason": "it is not JSON"}],
    }  # fmt: skip
    again = tokentui("usage", "import", str(log), "--format", "nginx-json")
    assert again.out.splitlines()[:2] == ["0 responses of 0 tokens counted", "4 lines counted before"]
    assert again.err == "line 6: it is not JSON\n"
    assert totals(tokentui, token) == [1, 1, 1, 1]


def test_standard_input(tokentui: Tokentui, token: str) -> None:
    text = line(token)
    for expected in ("1 response of 1 token counted", "1 line counted before"):
        assert expected in tokentui.spawn("usage", "import", "-", "--format", "nginx-json", stdin=text).out
    assert totals(tokentui, token) == [1, 0, 0, 0]


def test_no_line_can_be_read(tokentui: Tokentui, tmp_path: Path) -> None:
    """A log in another format is an error, not a quiet zero."""
    log = tmp_path / "access.log"
    log.write_text('203.0.113.9 - - "GET /" 200\n' * 30)
    done = tokentui("usage", "import", str(log))
    assert done.status == 1
    assert done.err.splitlines()[-1].startswith(f"tokentui: no line of {log} could be read: ")
    assert len(done.err.splitlines()) == 21


def test_no_line_as_json(tokentui: Tokentui, tmp_path: Path) -> None:
    """One object, as every other error."""
    log = tmp_path / "access.log"
    log.write_text("garbage\n")
    done = tokentui("usage", "import", str(log), "--json")
    assert (done.status, json.loads(done.out)["error"]["code"]) == (1, "refused")


def test_no_file(tokentui: Tokentui, tmp_path: Path) -> None:
    done = tokentui("usage", "import", str(tmp_path / "x"))
    assert (done.status, done.err) == (2, f"tokentui: {tmp_path / 'x'} can't be read: No such file or directory\n")


def test_another_format(tokentui: Tokentui) -> None:
    assert tokentui("usage", "import", "x", "--format", "common").status == 2


def test_read_only(tokentui: Tokentui, token: str, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(line(token))
    assert tokentui("--read-only", "usage", "import", str(log)).status == 1


def test_following(tokentui: Tokentui, token: str, tmp_path: Path) -> None:
    """Counts what comes, through a rotation, and says what it did when it is stopped."""
    log = tmp_path / "access.log"
    log.write_text(line(token))
    command = [sys.executable, "-m", "tokentui", "usage", "import", str(log), "--follow", "--json"]
    running = subprocess.Popen(command, env=tokentui.environment, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(tokentui, token, [1, 0, 0, 0])
        log.rename(tmp_path / "access.log.1")
        log.write_text(line(token, 500))
        wait_for(tokentui, token, [1, 0, 0, 1])
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 0
    assert json.loads(out)["counted"] == 2


def test_known_lines_are_tidied_while_it_follows(tokentui: Tokentui, token: str, tmp_path: Path) -> None:
    """Else they would grow for as long as it runs: those of an hour whose last line came eight days ago go."""
    log = tmp_path / "access.log"
    log.write_text(line(token))
    tokentui("usage", "import", str(log))
    with closing(sqlite3.connect(tokentui.home / "tokens.db")) as database:
        database.execute("UPDATE logged_hours SET counted_at = counted_at - 8 * 86400000000")
        database.commit()
        command = [sys.executable, "-m", "tokentui", "usage", "import", str(log), "--follow"]
        running = subprocess.Popen(command, env=tokentui.environment, stdout=subprocess.PIPE, text=True)
        try:
            until, pause = time.monotonic() + 30, Event()
            while database.execute("SELECT count(*) FROM logged_lines").fetchone() != (0,):
                assert time.monotonic() < until
                assert running.poll() is None
                pause.wait(0.05)
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == 0
    assert totals(tokentui, token) == [1, 0, 0, 0]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_line_ahead_of_the_clock(tokentui: Tokentui, token: str, tmp_path: Path, zone: str) -> None:
    """Counted now and told of; every figure is the same, and the last use is not tomorrow."""
    log = tmp_path / "access.log"
    log.write_text(line(token, time=f"{time.time() + 72_000:.3f}") + line(token))
    done = tokentui("usage", "import", str(log), TZ=zone)
    assert done.out.splitlines() == ["2 responses of 1 token counted", "1 line ahead of this clock, counted now"]
    shown = tokentui("show", token, "--json", TZ=zone).json
    (listed,) = tokentui("list", "--json", TZ=zone).json
    stats = tokentui("stats", token, "--json", TZ=zone).json
    everything = tokentui("stats", "--json", TZ=zone).json
    assert shown["requests_30d"] == listed["requests_30d"] == 2
    assert sum(stats["totals"].values()) == sum(everything["totals"].values()) == 2
    assert stats["days"][-1]["2xx"] == 2
    assert datetime.fromisoformat(shown["last_used_at"]) <= datetime.now(UTC)


def wait_for(tokentui: Tokentui, token: str, wanted: list[int]) -> None:
    until, pause = time.monotonic() + 30, Event()
    while totals(tokentui, token) != wanted:
        assert time.monotonic() < until
        pause.wait(0.05)
