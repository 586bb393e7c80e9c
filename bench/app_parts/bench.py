"""One run of `bench/app.py`: its programs and files, how often each thing is measured, and what came of it."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app_parts.results import Row
from app_parts.terminal import Terminal

_POLL_S = 0.02


@dataclass(frozen=True)
class Used:
    """What a command took: seconds by the clock and of a processor, and the most memory at once, in MB."""

    clock_s: float
    processor_s: float
    memory_mb: float


@dataclass
class Bench:
    """`python` is that of an environment with the wheel; `place` is where databases stay from one run to the next."""

    python: Path
    place: Path
    rounds: int
    idle_s: float
    sizes: Sequence[int]
    rows: list[Row] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def program(self) -> str:
        """The command `tokentui`."""
        return str(self.python.with_name("tokentui"))

    @property
    def variables(self) -> dict[str, str]:
        """For a command that is run in the bench's own home."""
        return {"HOME": str(self.place), "TOKENTUI_HOME": str(self.place / "home"), "PATH": "/usr/bin:/bin"}

    def database(self, tokens: int) -> str:
        """A sample database, made when it is first asked for."""
        path = self.place / f"{tokens}.db"
        if not path.exists():
            self.note_demo(tokens)
        return str(path)

    def note_demo(self, tokens: int) -> None:
        """Makes a sample database, and notes what that took."""
        path, half = self.place / f"{tokens}.db", self.place / f"{tokens}.half"
        half.unlink(missing_ok=True)
        used = self.run("demo", "--tokens", str(tokens), "--to", str(half))
        half.rename(path)
        os.sync()  # else the kernel still writes it out beside what is measured next
        self.note(f"demo {tokens} clock", used.clock_s)
        self.note(f"demo {tokens} processor", used.processor_s)
        self.note(f"demo {tokens} memory", used.memory_mb)

    def run(self, *arguments: str) -> Used:
        """Runs a command to its end; raises CalledProcessError."""
        started = time.perf_counter()
        process = subprocess.Popen([self.program, *arguments], stdout=subprocess.DEVNULL, env=self.variables)
        memory = 0.0
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            memory = max(memory, _peak_mb(process.pid))
            time.sleep(_POLL_S)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
        return Used(time.perf_counter() - started, used.ru_utime + used.ru_stime, memory)

    @contextmanager
    def app(self, tokens: int) -> Iterator[Terminal]:
        """The app on so many tokens."""
        with opened([self.program, "--db", self.database(tokens)], self.variables) as terminal:
            yield terminal

    def note(self, name: str, value: float) -> None:
        """A measurement of this round."""
        self.values[name].append(value)

    def median(self, name: str) -> float:
        """Of the rounds so far."""
        return statistics.median(self.values[name])

    def ratio(self, what: str, name: str, base: str, target: float | None = None, *, headline: bool = False) -> None:
        """A line of the results: the median of one by that of the other."""
        value = self.median(name) / self.median(base) if self.median(base) else float("nan")
        self.line(what, value, "×", target, headline=headline)

    def line(self, what: str, value: float, unit: str, target: float | None = None, *, headline: bool = False) -> None:
        """A line of the results, printed at once. `target` is the most that it may be; README has the headlines."""
        row = Row(what, value, unit, target, headline)
        self.rows.append(row)
        print(row.text(), flush=True)


@contextmanager
def opened(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A program that is ended at the end."""
    terminal = Terminal(command, environment)
    try:
        yield terminal
    finally:
        terminal.close()


def _peak_mb(pid: int) -> float:
    """The most memory so far. What `wait4` tells counts the process that it was forked from."""
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), 0.0)
