"""The line to the terminal ends while a write is under way: the change is there as a whole, or not at all."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Installed
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

WITHIN_S = 2.0
ENDS: tuple[tuple[Callable[[Terminal], object], int], ...] = (
    (lambda terminal: terminal.kill(signal.SIGTERM), 143),
    (lambda terminal: terminal.kill(signal.SIGHUP), 129),
    (Terminal.close, 129),
)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Holds the lock that every write needs."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def open_rotating(installed: Installed, token: int) -> Terminal:
    """An app at the window that rotates the token in this row of the table."""
    app = installed.open()
    app.wait_for("Tutorial Token", seconds=60)
    app.write_at_once(*["down"] * token, "r")
    return app


def begin_rotation(app: Terminal) -> None:
    """Has the rotation wait for the lock."""
    app.wait_for("The old key stops at once")
    app.write_at_once("right", "enter")
    app.wait_for("locked by another process")


def test_a_write_under_way_is_whole_or_not_there(installed: Installed) -> None:
    """Three ways to end, with the lock held until the end, and given back while the program ends."""
    (installed.home.parent / ".config" / "tokentui").mkdir(parents=True)
    (installed.home.parent / ".config" / "tokentui" / "config.toml").write_text('busy_timeout = "60s"\n')
    before = installed.json("list")[:6]
    apps = [open_rotating(installed, row) for row in range(len(before))]
    with locked(installed.database):
        for app in apps:
            begin_rotation(app)
        for app, (end, status) in zip(apps[:3], ENDS, strict=True):
            end(app)
            assert app.wait_end("rotate", seconds=WITHIN_S, reading=True) == status
        begun = time.monotonic()
        for app, (end, _) in zip(apps[3:], ENDS, strict=True):
            end(app)
    for app, (_, status) in zip(apps[3:], ENDS, strict=True):
        remaining = begun + WITHIN_S - time.monotonic()
        assert app.wait_end("rotate", seconds=remaining, reading=True) == status
    after = {token["id"]: token for token in installed.json("list", "--all")}
    audited = [entry["token"] for entry in installed.json("audit") if entry["action"] == "rotate"]
    rotated = []
    for token in before:
        now = after[token["id"]]
        changed = now["secrets"] != token["secrets"]
        assert len(now["secrets"]) == len(token["secrets"]) == 1
        assert audited.count(token["id"]) == changed == (now["updated_at"] != token["updated_at"])
        rotated.append(changed)
    assert rotated[:3] == [False] * 3
    assert installed.json("db", "check")["ok"]
