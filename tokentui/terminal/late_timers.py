"""Timers that ring once, also where the program stood still while they began to wait.

Textual (8.2) skips what is late. A timer that repeats rings the next time; one that rings once never would: the preview
stayed blank, on a machine that was busy with something else for a sixth of a second.
"""

from __future__ import annotations

from textual.timer import Timer

_start = Timer._start


def ring_late_timers() -> None:
    """From now on, in this process."""
    setattr(Timer, "_start", start)  # noqa: B010


def start(timer: Timer) -> None:
    """Starts a timer, which may ring late where it rings once."""
    if timer._repeat == 0:
        timer._skip = False
    _start(timer)
