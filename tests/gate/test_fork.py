"""A gate that was opened before a fork, as under `gunicorn --preload`, whatever becomes of the parent."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.factories import make_token
from tests.gate.test_recorder import totals
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.records import Action
from tokentui.tokens import bulk

PROGRAM = """
import os, sys
from tokentui.gate import Gate
from tokentui.gate.recorder import Recorder
gate = Gate()
recorder = Recorder(gate.context, interval=3600)
gate.verify("ApiKey SU-000-000-000:" + "0" * 40)
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


def test_the_parent_closes_first(context: Context) -> None:
    """The child sees each change, and its counts arrive, though the WAL is deleted whenever all others have left."""
    issued = make_token(context, days=None)
    assert issued.key is not None
    header = f"ApiKey {issued.key.text}\n"
    environment = {**os.environ, "TOKENTUI_HOME": str(context.settings.home)}
    context.close()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for expected, action in (("valid", Action.DISABLE), ("disabled", Action.ENABLE)) * 3:
            process.stdin.write(header)
            process.stdin.flush()
            assert process.stdout.readline().strip() == expected
            bulk.apply(context, action, [issued.token.id])
            context.close()  # nobody is left but the child
        process.stdin.close()
    assert process.returncode == 0
    assert totals(context) == {issued.token.id: (3, 0, 0, 0)}


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
