"""A gate, or an operator, in a process of its own beside a server that is killed: told what to do on standard input.

It works until `SECONDS` have passed, and prints what it saw as one JSON object. Moments are the machine's monotonic
clock, which all processes share.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from typing import Any

from tokentui.bootstrap import open_context
from tokentui.errors import DatabaseError
from tokentui.gate import Gate
from tokentui.records import Action, TokenChanges
from tokentui.settings import load
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.usage.recorder import Recorder


def decide(told: dict[str, Any]) -> dict[str, Any]:
    """Decides and counts; when it let whom in, and when it could not decide."""
    context = open_context(load())
    gate, recorder = Gate.from_context(context), Recorder(context)
    counted: Counter[int] = Counter()
    allowed: list[tuple[float, int]] = []
    errors: list[float] = []
    decisions = 0
    until = time.monotonic() + told["seconds"]
    while (begun := time.monotonic()) < until:
        number, key = random.choice(told["keys"])
        try:
            decision = gate.verify(f"ApiKey {key}", path="/agreements", client="203.0.113.9")
        except DatabaseError:
            errors.append(begun)
        else:
            decisions += 1
            if decision.allowed and decision.token is not None:
                allowed.append((begun, number))
                recorder.count(decision.token, 200, "203.0.113.9")
                counted[number] += 1
        time.sleep(0.002)
    recorder.close()
    return {
        "counted": counted,
        "allowed": allowed,
        "errors": errors,
        "decisions": decisions,
        "flushes that failed": recorder.failures,
    }


def operate(told: dict[str, Any]) -> dict[str, Any]:
    """Disables and enables, renames; between which moments a token certainly was disabled."""
    context = open_context(load())
    disabled: list[tuple[float, float, int]] = []
    errors: list[float] = []
    done = 0

    def attempt(work: Any) -> bool:
        nonlocal done
        begun = time.monotonic()
        try:
            work()
        except DatabaseError:
            errors.append(begun)
            time.sleep(0.1)
            return False
        done += 1
        return True

    until = time.monotonic() + told["seconds"]
    while time.monotonic() < until:
        for number in told["ids"]:
            attempt(lambda number=number: edit_token(context, number, TokenChanges(name=f"Token {random.random()}")))
            # What a server that went in the middle has done of it is not known: asked for with `partial`.
            if attempt(lambda number=number: bulk.apply(context, Action.DISABLE, [number], partial=True)):
                since = time.monotonic()
                time.sleep(0.05)
                disabled.append((since, time.monotonic(), number))
            while not attempt(lambda number=number: bulk.apply(context, Action.ENABLE, [number], partial=True)):
                pass
    return {"disabled": disabled, "errors": errors, "done": done}


if __name__ == "__main__":
    print("ready", flush=True)
    commands = {"gate": decide, "operator": operate}
    print(json.dumps(commands[sys.argv[1]](json.loads(sys.stdin.readline()))))
