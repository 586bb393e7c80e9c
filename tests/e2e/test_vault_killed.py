"""A new master key, given by a program that is killed at any step: the next call goes on, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Installed
from tokentui.gate import Gate

pytestmark = pytest.mark.e2e


def test_killed_after_each_step_it_goes_on(empty: Installed, tmp_path: Path) -> None:
    """With SIGKILL, after the next file that is written or the next transaction, whichever comes first."""
    made = [empty.json("create", "--name", f"Token {number}", "--all-modules") for number in range(4)]
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    gate = Gate(str(empty.database), empty.home / "master.key")
    kills = 0
    for _ in range(12):
        environment = {**empty.environment}
        killed = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, timeout=60)
        for one in (gate, Gate(str(empty.database), empty.home / "master.key")):
            assert all(one.verify(f"ApiKey {token['key']}").allowed for token in made)
        assert empty.json("db", "check")["ok"]
        assert empty.json("audit", "--check")["ok"]
        assert empty.run("key", made[-1]["id"]).strip() == made[-1]["key"]
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        kills += 1
    assert kills >= 5
    empty.run("vault", "rotate")
    assert not (empty.home / "master.key.next").exists()
    assert [empty.run("key", token["id"]).strip() for token in made] == [token["key"] for token in made]
    assert not [name for name in os.listdir(empty.home) if name.startswith(".master.key")]


KILLED = """
import os, signal, sys
from tokentui.crypto import next_key
from tokentui.operations import master_key_rotation
from tokentui.cli.main import main

left = 1

def killing(do):
    def run(*arguments, **options):
        global left
        result = do(*arguments, **options)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return run

master_key_rotation.BATCH_ROWS = 2
for name in ("_begin", "_seal_batch", "_finish"):
    setattr(master_key_rotation, name, killing(getattr(master_key_rotation, name)))
next_key._write = killing(next_key._write)
main(["vault", "rotate"])
"""
