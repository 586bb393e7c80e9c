"""Now, without a `datetime` in between: asked several times for each request."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokentui import clock
from tokentui.context import Context
from tokentui.models import to_micros

MICRO = 1_000
"""Nanoseconds in a microsecond, which is what the database counts in."""


def nanos(context: Context) -> Callable[[], int]:
    """A function for the current moment in nanoseconds since 1970, by the context's clock."""
    return time.time_ns if context.clock is clock.now else lambda: to_micros(context.now()) * MICRO
