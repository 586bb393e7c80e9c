"""Now, as the database counts it, without a `datetime` in between: asked several times for each request."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokentui import clock
from tokentui.context import Context
from tokentui.models import to_micros


def micros(context: Context) -> Callable[[], int]:
    """A function for the current moment in microseconds since 1970, by the context's clock."""
    return _now if context.clock is clock.now else lambda: to_micros(context.now())


def _now() -> int:
    return time.time_ns() // 1000
