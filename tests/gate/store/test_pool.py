"""A gate that was opened before a fork, as under `gunicorn --preload`, whatever becomes of the parent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.factories import make_token
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.errors import DatabaseError
from tokentui.gate import Gate
from tokentui.gate.store import pool
from tokentui.records import Action
from tokentui.tokens import bulk

PROGRAM = """
import os, sys, threading
from tokentui.gate import Gate
from tokentui.usage.recorder import Recorder
gate = Gate()
recorder = Recorder(gate.context, interval=3600)
busy = [sys.stdin.readline().strip()] * int(sys.argv[1])
for header in busy:
    threading.Thread(target=lambda: [gate.verify(header) for _ in iter(int, 1)], daemon=True).start()
while len(gate._pool.opened) < len(busy):
    pass
child = os.fork()
if child:
    gate.close()
    gate.context.close()
    sys.exit(os.waitpid(child, 0)[1])
for header in sys.stdin:
    decision = gate.verify(header.strip())
    if decision.allowed:
        recorder.count(decision.token, 200)
        recorder.flush()
    print(decision.reason.value, flush=True)
"""


@pytest.mark.sqlite
@pytest.mark.parametrize("busy", [0, 1, 4])
def test_the_parent_closes_first(context: Context, busy: int) -> None:
    """The child sees each change, and its counts arrive, though the WAL is deleted whenever all others have left.

    `busy`: threads of the parent that are in the middle of decisions.
    """
    issued = make_token(context, days=None)
    assert issued.key is not None
    header = f"ApiKey {issued.key.text}\n"
    environment = {**os.environ, "TOKENTUI_HOME": str(context.settings.home)}
    context.close()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(busy)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(header)
        for expected, action in (("valid", Action.DISABLE), ("disabled", Action.ENABLE)) * 3:
            process.stdin.write(header)
            process.stdin.flush()
            assert process.stdout.readline().strip() == expected
            bulk.apply(context, action, [issued.token.id])
            context.close()  # nobody is left but the child
        process.stdin.close()
    assert process.returncode == 0
    assert totals(context) == {issued.token.id: (3, 0, 0, 0)}


def test_a_decision_that_outlasts_the_fork_timeout(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a decision does not end in time, the child lets nobody in; the parent goes on."""
    monkeypatch.setattr(pool, "_TIMEOUT_S", 0.01)
    issued = make_token(context)
    assert issued.key is not None
    header, gate = f"ApiKey {issued.key.text}", Gate.from_context(context)
    assert gate.verify(header).allowed
    stuck = gate._pool.idle.pop()
    child = os.fork()
    if child == 0:
        try:
            gate.verify(header)
        except DatabaseError:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    gate._pool.idle.append(stuck)
    assert gate.verify(header).allowed


def test_the_parent_goes_on(context: Context) -> None:
    """What it had open is closed before the fork, and opened again."""
    issued = make_token(context, modules=("agreements",))
    assert issued.key is not None
    gate = Gate.from_context(context)
    for _ in range(2):
        assert gate.verify(f"ApiKey {issued.key.text}").allowed
        child = os.fork()
        if child == 0:
            os._exit(0 if gate.verify(f"ApiKey {issued.key.text}").allowed else 1)
        assert os.waitpid(child, 0)[1] == 0
    bulk.apply(context, Action.DISABLE, [issued.token.id])
    assert not gate.verify(f"ApiKey {issued.key.text}").allowed
