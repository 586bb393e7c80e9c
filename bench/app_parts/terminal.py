"""A program on a pseudo-terminal of 120 by 40: keys in, and when which bytes came out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyte

COLUMNS, LINES = 120, 40
KEYS = {
    "down": b"\x1b[B",
    "pagedown": b"\x1b[6~",
    "pageup": b"\x1b[5~",
    "home": b"\x1b[1;5H",
    "end": b"\x1b[1;5F",
    "left": b"\x1b[D",
    "right": b"\x1b[C",
    "escape": b"\x1b",
    "enter": b"\r",
}
_TICKS = os.sysconf("SC_CLK_TCK")
_CHUNK_S = 0.01


@dataclass(frozen=True)
class Paint:
    """What a key brought: seconds until its first and its last byte, and how many."""

    first: float
    last: float
    bytes: int


class Terminal:
    """Starts `command`; `close` ends it. It answers the one question that Textual asks, as modern terminals do."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        variables |= environment or {}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            variables.pop(name, None)
        self.written: list[tuple[float, bytes]] = []
        self._start = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
                os.execvpe(command[0], list(command), variables)
            finally:
                os._exit(127)

    @property
    def bytes(self) -> int:
        """How many were written so far."""
        return sum(len(data) for _, data in self.written)

    def send(self, key: str) -> None:
        """A key: a character, or one of `KEYS`."""
        os.write(self._fd, key.encode() if len(key) == 1 else KEYS[key])

    def read(self, seconds: float, most: int = 65536) -> bool:
        """Reads once; False where nothing came, or the program has ended."""
        if not select.select([self._fd], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self._fd, most)
        except OSError:
            return False
        if not data:
            return False
        self.written.append((time.perf_counter() - self._start, data))
        if b"\x1b[?2026$p" in data:
            os.write(self._fd, b"\x1b[?2026;2$y")
        return True

    def press(self, key: str, quiet: float = 0.1) -> Paint:
        """Sends a key and reads until nothing comes for `quiet` seconds."""
        return self._paint_of(lambda: self.send(key), quiet)

    def type(self, text: str, quiet: float) -> Paint:
        """The same for a text, all of it at once."""
        return self._paint_of(lambda: os.write(self._fd, text.encode()), quiet)

    def _paint_of(self, send: Callable[[], object], quiet: float) -> Paint:
        before, start = len(self.written), time.perf_counter() - self._start
        send()
        self.settle(quiet)
        new = self.written[before:]
        if not new:
            return Paint(0.0, 0.0, 0)
        return Paint(new[0][0] - start, new[-1][0] - start, sum(len(data) for _, data in new))

    def settle(self, quiet: float, most: float = 60.0) -> None:
        """Reads until nothing comes for `quiet` seconds."""
        end = time.perf_counter() + most
        while self.read(quiet) and time.perf_counter() < end:
            pass

    def wait_s(self, seconds: float) -> None:
        """Reads for so long, whatever comes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def wait(self, text: str, seconds: float = 120.0) -> float:
        """Reads until a text is on the screen; seconds since the start. NaN where it never is.

        Without a text, until there is one of ten characters.
        """
        end, fed = time.perf_counter() + seconds, 0
        screen = pyte.Screen(COLUMNS, LINES)
        stream = pyte.ByteStream(screen)
        while time.perf_counter() < end:
            while self.read(0.03):  # first all that comes: a terminal in Python is slower than the program
                pass
            for at, data in self.written[fed:]:
                stream.feed(_plain(data))
                if _shows(screen, text):
                    return at
            fed = len(self.written)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = 0
                break
        return float("nan")

    def hold(
        self, key: str, seconds: float, rate: float, *, bytes_a_second: float | None = None
    ) -> tuple[float, float]:
        """Holds a key; seconds that the last byte comes after the last key, and the part of a core that it takes.

        `bytes_a_second` is how fast the line is. Its delay is not in the result: it comes to it on both ways.
        """
        start, cpu, sent, last_key = time.perf_counter(), self.cpu(), 0, 0.0
        room = 0.0
        turn = start
        quiet_since = start
        while True:
            now = time.perf_counter()
            room = min(room + (now - turn) * (bytes_a_second or 0), 4096.0)
            turn = now
            if sent < seconds * rate and now - start >= sent / rate:
                self.send(key)
                sent, last_key = sent + 1, time.perf_counter() - self._start
            if bytes_a_second is None:
                came = self.read(_CHUNK_S / 2)
            else:
                time.sleep(_CHUNK_S / 2)
                came = room >= 1 and self.read(0, int(room))
                room -= len(self.written[-1][1]) if came else 0
            quiet_since = time.perf_counter() if came else quiet_since
            # Twice as long as a paint may take, and shorter than the second of the clock.
            if sent >= seconds * rate and time.perf_counter() - quiet_since > 0.4:
                break
        used = (self.cpu() - cpu) / (time.perf_counter() - start)
        return max(0.0, self.written[-1][0] - last_key), used

    def cpu(self) -> float:
        """Seconds of a core that the program has taken."""
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Resident, in MB."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def close(self) -> None:
        """Ends the program at once."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)


def _shows(screen: pyte.Screen, text: str) -> bool:
    if text:
        return any(text in line for line in screen.display)
    return sum(len(line.split()) > 0 and len(line.strip()) >= 10 for line in screen.display) >= 1


def _plain(data: bytes) -> bytes:
    """Without the private sequences that pyte takes for text."""
    return re.sub(rb"\x1b\[[<>=?][0-9;:]*[ -/]*[mupqtS$]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\", b"", data, flags=re.S)
