"""Commands that go on until they are told to end: they finish what they are at first."""

from __future__ import annotations

import signal
import threading


def stopped_by_signals() -> threading.Event:
    """An event that is set by Ctrl-C, by SIGTERM and by a terminal that goes away, in place of what these do."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop
