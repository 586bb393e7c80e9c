"""`tokentui doctor` from outside; what it finds out is in tests/operations/test_end_to_end.py."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests import small_disk
from tests.cli.conftest import Tokentui
from tests.operations.test_end_to_end import answers, serving

disk, fill = small_disk.disk, small_disk.fill


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
        with closing(sqlite3.connect(tokentui.home / "tokens.db")) as database:  # soon: the request waits for 10 s
            assert database.execute("SELECT count(*) FROM tokens").fetchone() == (2,)
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


def wrong(tokentui: Tokentui) -> dict[str, str]:
    """What it finds wrong: the message and the remedy of each check. The encoding is that of the tests."""
    findings = json.loads(tokentui("doctor", "--json").out)["findings"]
    bad = [finding for finding in findings if not finding["ok"] and finding["check"] != "encoding"]
    return {finding["check"]: f"{finding['message']}: {finding['remedy']}" for finding in bad}


def test_a_full_disk(disk: Path) -> None:
    """It is told at the database, which can't be opened any longer, and by the line on the disk."""
    tokentui = Tokentui(disk / "home")
    tokentui.make()
    fill(disk)
    told = wrong(tokentui)
    assert told.keys() == {"database", "disk"}
    assert "can't grow: the disk is full: free some space" in told["database"]
    assert told["disk"] == "0 MiB free: free some space"


def test_a_locked_database(tokentui: Tokentui) -> None:
    """It can be read all the same, so that every other check is right."""
    tokentui.make()
    config = tokentui.home.parent / "config.toml"
    config.write_text('busy_timeout = "1s"\n')
    tokentui.environment["TOKENTUI_CONFIG"] = str(config)
    assert wrong(tokentui) == {}
    with closing(sqlite3.connect(tokentui.home / "tokens.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        told = wrong(tokentui)
        assert told.keys() == {"writing"}
        assert "another process has held the lock for longer than 1 s: end what `fuser -v " in told["writing"]
        assert "writing" not in tokentui("--read-only", "doctor").out


def test_a_missing_master_key(tokentui: Tokentui) -> None:
    """One that is not there yet is made; one that is gone is gone."""
    assert "master.key is made at the first use" in tokentui("doctor").out
    tokentui.make()
    (tokentui.home / "master.key").unlink()
    told = wrong(tokentui)
    assert told.keys() == {"master key", "secrets"}
    assert "master.key is missing: restore it from your backup" in told["master key"]


def test_a_master_key_that_anybody_can_read(tokentui: Tokentui) -> None:
    """Told once, in a line, by every command; a finding of the doctor."""
    tokentui.make()
    (tokentui.home / "master.key").chmod(0o644)
    told = wrong(tokentui)
    assert told.keys() == {"master key"}
    assert "has mode 0644: chmod 600" in told["master key"]
    done = tokentui.spawn("create", "--name", "Another", "--all-modules")
    assert len(done.err.splitlines()) == 1
    assert "can be read by anybody on this machine: run `chmod o= " in done.err
