"""How the app ends from outside: by a signal, or because its terminal is gone. Within two seconds, whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import termios
import threading
from collections.abc import Callable

from tokentui.terminal import modes

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
GRACE_S = 1.0
"""Seconds in which the app may end by itself and a transaction finish; the rest of the two is for a slow machine."""


class Ending:
    """Waits in a thread for the first reason to end, tells the app, and ends the process where the app can't.

    `leave` is called in the event loop, `silence` in the thread: it ends what the app writes to the terminal.
    """

    def __init__(self, leave: Callable[[], object], silence: Callable[[], object]) -> None:
        self.signal: int | None = None
        """The signal that ended the app, SIGHUP where its terminal went away; None while there is no reason to end."""
        self._leave = leave
        self._silence = silence
        # Unlike an Event or a Thread, it may be used in a signal handler, whatever that has interrupted.
        self._reasons: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._terminal: int | None = None
        self._attributes: modes.Attributes | None = None

    @property
    def status(self) -> int:
        """The exit status: 128 and the signal's number, as a shell has it."""
        return 0 if self.signal is None else 128 + self.signal

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on signals end the app. To be called in the main thread, before the terminal is changed."""
        self._terminal = modes.open_again(0)
        with contextlib.suppress(termios.error):
            self._attributes = modes.cooked(termios.tcgetattr(0))
        for number in SIGNALS:
            # The loop's own handler wakes the loop; the plain one is called even where the loop is held up.
            loop.add_signal_handler(number, self._reasons.put, number)
            signal.signal(number, lambda caught, frame: self._reasons.put(caught))
        threading.Thread(target=self._wait, args=(loop,), name="tokentui-ending", daemon=True).start()

    def terminal_lost(self) -> None:
        """The terminal can't be read or written any longer. From any thread."""
        self._reasons.put(signal.SIGHUP)

    def stop(self) -> None:
        """Ends the thread where there was no reason to end."""
        self._reasons.put(None)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        number = self._reasons.get()
        if number is None:
            return
        self.signal = number
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._leave)
        threading.Event().wait(GRACE_S)
        # Still here. A transaction that is cut off is rolled back by the database, as in a loss of power.
        self._silence()
        if self._terminal is not None:
            modes.restore(self._terminal, self._attributes)
        os._exit(self.status)
