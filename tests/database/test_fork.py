"""Threads that fork while others count and decide."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from tests.factories import make_token
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.database import fork

FORKERS = 4
FORKS = 25

PROGRAM = textwrap.dedent("""
    import os, sys, threading, time
    from tokentui.bootstrap import open_context
    from tokentui.settings import load
    from tokentui.usage.recorder import Recorder
    if sys.argv[1] == "gate":
        from tokentui.gate import Gate
        gate = Gate()
        context = gate.context
    else:
        context = open_context(load())
    recorder = Recorder(context, interval=0.001)
    header = sys.stdin.readline().strip()
    from tokentui.gate import Gate
    token = Gate().verify(header).token
    assert token is not None
    done = threading.Event()
    failed = []

    def work():
        while not done.is_set():
            if sys.argv[1] == "gate":
                assert gate.verify(header).allowed
            recorder.flush()

    def forks():
        for _ in range(int(sys.argv[2])):
            child = os.fork()
            if child == 0:
                recorder.count(token, 200)
                os._exit(0 if recorder.flush() else 1)
            failed.append(os.waitpid(child, 0)[1])

    threads = [threading.Thread(target=forks) for _ in range(int(sys.argv[3]))]
    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in workers + threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    for thread in workers:
        thread.join()
    recorder.close()
    sys.exit(any(failed))
""")


@pytest.mark.parametrize("kind", ["recorder", "gate"])
def test_threads_that_fork(context: Context, kind: str) -> None:
    """Several at once, while others decide and write: none hangs, and what each child counted is there."""
    issued = make_token(context, days=None)
    assert issued.key is not None
    environment = {**os.environ, "TOKENTUI_HOME": str(context.settings.home)}
    context.close()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, str(FORKS), str(FORKERS)],
        env=environment,
        input=f"ApiKey {issued.key.text}\n",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert totals(context) == {issued.token.id: (FORKS * FORKERS, 0, 0, 0)}


class Watched:
    """Notes what is done to it."""

    def __init__(self, fails: bool = False) -> None:
        self.calls: list[str] = []
        self.fails = fails

    def before_fork(self) -> None:
        self.calls.append("before")
        if self.fails:
            raise OSError("the disk is gone")

    def after_fork_in_parent(self) -> None:
        self.calls.append("parent")

    def after_fork_in_child(self) -> None:
        self.calls.append("child")


def test_each_side_hears_of_its_own() -> None:
    """Also where another participant fails."""
    failing, whole = Watched(fails=True), Watched()
    fork.register(failing, fork.Floor.GATE)
    fork.register(whole, fork.Floor.RECORDER)
    child = os.fork()
    if child == 0:
        os._exit(0 if failing.calls == whole.calls == ["before", "child"] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert failing.calls == whole.calls == ["before", "parent"]


def test_one_fork_at_a_time() -> None:
    """A thread that forks waits for the one that is in the middle of it."""

    class Slow(Watched):
        forking = 0

        def before_fork(self) -> None:
            Slow.forking += 1
            most.append(Slow.forking)
            time.sleep(0)

        def after_fork_in_parent(self) -> None:
            Slow.forking -= 1

    most: list[int] = []
    slow = Slow()
    fork.register(slow, fork.Floor.GATE)

    def forks() -> None:
        for _ in range(10):
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)

    threads = [threading.Thread(target=forks) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 30
