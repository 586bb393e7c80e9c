"""A real pseudo-terminal with a program in it: keys in, the screen out, read as a terminal would."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import tty
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

from tests.terminal_keys import typed

_CLIPBOARD = re.compile(rb"\x1b]52;c;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\\\)")
_PLAIN_SPACES = str.maketrans("\xa0\u202f", "  ")
_SELECT = {"23", "270", "72"}
"""select and pselect6 on x86-64, pselect6 on arm64: see proc(5) on `syscall`."""


class Terminal:
    """Runs a command in a pseudo-terminal of a size."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int,
        lines: int,
        raw: bool = False,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            if raw:
                tty.setraw(0)  # as a program that was killed left it
            os.execvpe(command[0], list(command), dict(environment))
        os.set_inheritable(self._fd, False)  # or the next program would keep this one's line open
        self.attributes_before = self.attributes()
        self.resize(columns, lines)

    @property
    def fileno(self) -> int:
        """The master's end."""
        return self._fd

    def attributes(self) -> list[Any]:
        """The terminal's attributes as they are now."""
        return termios.tcgetattr(self._fd)

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        os.write(self._fd, data)

    def write_at_once(self, *keys: str) -> None:
        """Sends named keys in one write."""
        self.write(b"".join(map(typed, keys)))

    def close(self) -> None:
        """Closes the master's end: the line is cut."""
        os.close(self._fd)
        self._fd = -1

    def is_writer_waiting(self) -> bool:
        """Whether the program's output thread waits in a poll for room in the line to the terminal."""
        # Its thread waits for a file to be writable; the loop and the input wait in calls of another kind.
        return any(
            (task / "syscall").read_text().split()[0] in _SELECT
            for task in Path(f"/proc/{self.pid}/task").iterdir()
            if (task / "syscall").exists()
        )

    def resize(self, columns: int, lines: int) -> None:
        """Another size, told to the program as a terminal does."""
        self.screen.resize(lines, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    @property
    def text(self) -> str:
        """The screen's lines, with plain spaces for those at which a line doesn't break."""
        return "\n".join(self.screen.display).translate(_PLAIN_SPACES)

    @property
    def copied(self) -> list[str]:
        """What the program gave the terminal for its clipboard, by OSC 52, the oldest first."""
        return [base64.b64decode(text).decode() for text in _CLIPBOARD.findall(self.written)]

    def press(self, *keys: str) -> None:
        """Presses named keys, or types a text; an escape is held apart from what follows, as a finger does."""
        for key in keys:
            self.write(typed(key))
            self.pump(0.15 if key == "escape" else 0.02)

    def press_unread(self, key: str) -> None:
        """Presses a named key and reads nothing."""
        self.write(typed(key))

    def take(self, most: int) -> int:
        """Reads what is there already, so many bytes at most; how many there were."""
        if most < 1 or not select.select([self._fd], [], [], 0)[0]:
            return 0
        data = os.read(self._fd, most)
        self.written += data
        self._stream.feed(data)
        return len(data)

    def pump(self, seconds: float) -> bool:
        """Reads what the program writes for a while; False when it has ended."""
        end = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self._fd], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return True
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.written += data
            self._stream.feed(data)

    def wait(self, state: Callable[[str], object], what: str, *, seconds: float = 30) -> None:
        """Waits until the screen is in a state; fails with the screen where it does not come."""
        end = time.monotonic() + seconds
        while not state(self.text):
            assert time.monotonic() < end, f"no {what} in {seconds} s:\n{self.text}"
            alive = self.pump(0.05)
            assert alive or state(self.text), f"ended before {what}:\n{self.text}"

    def wait_for(self, text: str, *, seconds: float = 30) -> None:
        """Waits for a text on the screen."""
        self.wait(lambda screen: text in screen, repr(text), seconds=seconds)

    def press_and_see(self, key: str, text: str) -> None:
        """Presses a key that moves the focus, and waits until a text is drawn in another way than before."""
        before = self._style(text)
        self.press(key)
        self.wait(lambda _: self._style(text) not in (None, before), f"focus at {text!r}")

    def _style(self, text: str) -> tuple[str, str, bool] | None:
        for y, line in enumerate(self.screen.display):
            if text in line:
                cell = self.screen.buffer[y][line.index(text)]
                return cell.fg, cell.bg, cell.bold
        return None

    def wait_gone(self, text: str) -> None:
        """Waits until a text is not on the screen."""
        self.wait(lambda screen: text not in screen, f"end of {text!r}")

    def end(self, *, seconds: float = 20) -> int:
        """Waits for the program's end; its exit status."""
        limit = time.monotonic() + seconds
        while self.pump(0.05):
            assert time.monotonic() < limit, f"still running:\n{self.text}"
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)

    def wait_end(self, where: str, *, seconds: float, reading: bool) -> int:
        """Waits so long for the program's end, reading what it writes or not; its exit status."""
        limit = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < limit, f"{where}: still running after {seconds} s"
            if reading and self._fd >= 0:
                self.pump(0.02)
            else:
                time.sleep(0.02)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends a signal."""
        if self.pid:
            os.kill(self.pid, number)
