"""Writes to the terminal from a thread of its own, so that nothing else ever waits for whoever reads it."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable

from tokentui.terminal import modes

_CHUNK_BYTES = 4096
BEHIND_BYTES = 2048
"""With so much on its way, beside what the kernel has taken, a terminal is behind: what would be drawn now can wait."""


class TerminalOutput:
    """A text file whose writes return at once.

    `lost` is called from the thread, once, when the terminal can't be written to; what is written after that is
    dropped. `caught_up` is called from the thread when the terminal was behind and has read everything.
    """

    def __init__(self, fileno: int, *, lost: Callable[[], object], caught_up: Callable[[], object]) -> None:
        self._fileno = fileno
        self._terminal = modes.open_again(fileno)
        self._lost = lost
        self._caught_up = caught_up
        self._pending = bytearray()
        self._changed = threading.Condition()
        self._lost_terminal = False
        self._was_behind = False
        # Held by a write that can't wait, and by who ends all writing: see `silence`.
        self._writing = threading.Lock()
        self._silent = False
        threading.Thread(target=self._run, name="tokentui-output", daemon=True).start()

    @property
    def is_behind(self) -> bool:
        """Whether the terminal reads more slowly than it is written to."""
        return len(self._pending) > BEHIND_BYTES

    def write(self, text: str) -> int:
        """Queues a text. What UTF-8 can't say (half a surrogate pair) becomes a question mark."""
        data = text.encode("utf-8", "replace")
        with self._changed:
            if self._lost_terminal or self._silent:
                return len(text)
            if not self._pending:
                data = data[self._write_now(data) :]
            if data:
                self._pending += data
                self._was_behind |= self.is_behind
                self._changed.notify_all()
        return len(text)

    def _write_now(self, data: bytes) -> int:
        """What the terminal takes at once; the thread finds out what is wrong where it takes nothing."""
        if self._terminal is None:
            return 0
        try:
            return os.write(self._terminal, data)
        except OSError:
            return 0

    def flush(self) -> None:
        """Does nothing: what is queued is written as soon as it can be."""

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._fileno

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._fileno)

    def drain(self, seconds: float) -> bool:
        """Waits until everything is written, so long at most; whether it is."""
        end = time.monotonic() + seconds
        with self._changed:
            while self._pending and not self._lost_terminal:
                remaining = end - time.monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
        return True

    def silence(self) -> None:
        """Throws away what is not written yet, and what comes later: nothing reaches the terminal after the return."""
        with self._changed:
            self._silent = True
            self._pending.clear()
            self._changed.notify_all()
        with self._writing:  # a chunk may be on its way into the room that has just become free
            pass

    def restore(self, attributes: modes.Attributes | None) -> None:
        """Writes nothing any more and brings the terminal back without waiting for it."""
        self.silence()
        if self._terminal is not None:
            modes.restore(self._terminal, attributes)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._pending:
                    self._changed.wait()
                chunk = bytes(self._pending[:_CHUNK_BYTES])
            try:
                written = self._write(chunk)
            except OSError:
                with self._changed:
                    self._lost_terminal = True
                    self._pending.clear()
                    self._changed.notify_all()
                self._lost()
                return
            with self._changed:
                del self._pending[:written]
                caught_up = self._was_behind and not self._pending
                if not self._pending:
                    self._was_behind = False
                self._changed.notify_all()
            if caught_up:
                self._caught_up()

    def _write(self, chunk: bytes) -> int:
        if self._terminal is None:
            return os.write(self._fileno, chunk)
        try:
            with self._writing:
                return 0 if self._silent else os.write(self._terminal, chunk)
        except BlockingIOError:
            # Waits here, not in the write: that would hold the terminal's lock, and nobody could restore it.
            select.select([], [self._terminal], [], 1)
            return 0
