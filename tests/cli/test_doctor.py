"""`tokentui doctor` from outside; what it finds out is in tests/operations/test_end_to_end.py."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from tests.cli.conftest import Tokentui
from tests.operations.test_end_to_end import answers, serving


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_ended_in_the_middle(tokentui: Tokentui, number: signal.Signals) -> None:
    """By whatever: the token that it asked with, which may do everything, is gone."""
    tokentui.make()
    asked, go = threading.Event(), threading.Event()
    app = answers(401, 200)

    def slow(environ: dict[str, object], start_response: object) -> list[bytes]:
        if "HTTP_AUTHORIZATION" in environ:
            asked.set()
            go.wait(20)
        return app(environ, start_response)

    with serving(slow) as url:
        doctor = subprocess.Popen(
            [sys.executable, "-m", "tokentui", "doctor", "--url", url],
            env=tokentui.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert asked.wait(20)
        assert len(tokentui("list", "--json").json) == 2
        doctor.send_signal(number)
        said = doctor.communicate(timeout=20)[1]
        go.set()
    assert doctor.returncode in (128 + number, 130)
    assert "Traceback" not in said
    assert [token["name"] for token in tokentui("list", "--json").json] == ["Token"]


@pytest.mark.parametrize("damage", ["text", "missing", "directory"])
def test_each_check_is_reached(tokentui: Tokentui, damage: str) -> None:
    """Whatever is wrong with the database, the disk, the clock and the terminal are looked at."""
    tokentui.make()
    database = tokentui.home / "tokens.db"
    database.unlink()
    if damage == "text":
        database.write_text("hello " * 1000)
    elif damage == "directory":
        database.mkdir()
    done = tokentui("doctor")
    checks = {line[8:].split()[0] for line in done.out.splitlines()}
    assert {"settings", "home", "database", "disk", "clock", "encoding", "terminal"} <= checks
    assert "Traceback" not in done.err
