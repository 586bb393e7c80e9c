"""What the tests of a gate ask it, and how long they wait for its answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokentui.errors import DatabaseError
from tokentui.gate import Gate
from tokentui.records import Issued


def header(issued: Issued) -> str:
    assert issued.key is not None
    return f"ApiKey {issued.key.text}"


def until(state: Callable[[], bool], changed_at: float) -> None:
    """Asks until it is so; whoever asks 200 ms after the change has to be told."""
    while True:
        asked_at = time.monotonic()
        if state():
            return
        assert asked_at - changed_at < 0.2


def unavailable(gate: Gate, header: str) -> bool:
    try:
        gate.verify(header)
    except DatabaseError:
        return True
    return False
