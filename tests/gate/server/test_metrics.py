"""Counters are exact, whoever raises them."""

from __future__ import annotations

import sys
import threading

from tokentui.gate.server.metrics import Meter

THREADS, TIMES = 8, 5_000


def test_threads_lose_no_decision() -> None:
    """Though each raises the same two numbers, with the interpreter switching as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    meter = Meter(lambda: iter(()))

    def count() -> None:
        for _ in range(TIMES):
            meter.add("valid", 0.5)

    try:
        threads = [threading.Thread(target=count) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    text = meter.text().decode()
    assert f'tokentui_auth_requests_total{{reason="valid"}} {THREADS * TIMES}.0' in text
    assert f"tokentui_auth_seconds_sum {THREADS * TIMES / 2}" in text
