"""How a script answers `gate_parts.peers.Worker`: "ready", then a rate for each line of standard input."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable


def answer(work: Callable[[int], None]) -> None:
    """`work` does as many verifications as it is told."""
    print(json.dumps({"ready": 1}), flush=True)
    for line in sys.stdin:
        calls = int(line)
        start = time.perf_counter()
        work(calls)
        print(json.dumps({"rate": calls / (time.perf_counter() - start)}), flush=True)
