"""What the app costs: ratios, side by side in one run, against bare Textual, its own table, and other programs.

    python bench/app.py            # up to a million tokens, five rounds: half an hour
    python bench/app.py --quick    # up to ten thousand, three rounds
    python bench/app.py --peers    # with posting and harlequin, installed into bench/.venv

Each figure is a median of rounds that take turns. Writes bench/RESULTS.md, with the machine and the versions, and the
figure bench/growth.svg.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app_parts.figure import svg
from app_parts.results import Row, write
from app_parts.terminal import Terminal

BENCH = Path(__file__).parent
APPS = BENCH / "app_parts" / "apps"
PROGRAM = str(Path(sys.executable).with_name("tokentui"))
FORTY, STOCK = 40, 1_000
PEERS = ("posting", "harlequin")
WORD = "/tutorial"
_NO_ROW = ""


@dataclass
class Bench:
    """One run: where its files are, how often each thing is measured, and what came of it."""

    place: Path
    rounds: int
    quick: bool
    sizes: Sequence[int]
    rows: list[Row] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def database(self, tokens: int) -> str:
        """A sample database, made when it is first asked for."""
        path = self.place / f"{tokens}.db"
        if not path.exists():
            subprocess.run(
                [PROGRAM, "demo", "--tokens", str(tokens), "--to", str(path)],
                check=True,
                stdout=subprocess.DEVNULL,
                env={"HOME": str(self.place), "TOKENTUI_HOME": str(self.place / "home"), "PATH": "/usr/bin:/bin"},
            )
        return str(path)

    @contextmanager
    def app(self, tokens: int) -> Iterator[Terminal]:
        """The app on so many tokens."""
        with opened([PROGRAM, "--db", self.database(tokens)], {"TOKENTUI_HOME": str(self.place / "home")}) as terminal:
            yield terminal

    def note(self, name: str, value: float) -> None:
        """A measurement of this round."""
        self.values[name].append(value)

    def median(self, name: str) -> float:
        """Of the rounds so far."""
        return statistics.median(self.values[name])

    def ratio(self, what: str, name: str, base: str, target: float | None = None) -> None:
        """A line of the results: the median of one by that of the other."""
        self.line(what, self.median(name) / self.median(base) if self.median(base) else float("nan"), "×", target)

    def line(self, what: str, value: float, unit: str, target: float | None = None) -> None:
        """A line of the results, printed at once. `target` is the most that it may be."""
        row = Row(what, value, unit, target)
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


def starts(bench: Bench) -> None:
    """First frame and first rows against a bare Textual app."""
    most = bench.sizes[-1]
    for _ in range(bench.rounds):
        with opened([sys.executable, str(APPS / "hello.py")]) as terminal:
            bench.note("hello", terminal.wait("READY-MARK"))
        with bench.app(FORTY) as terminal:
            bench.note("frame", terminal.wait("tokentui"))
            bench.note("rows 40", terminal.wait("SU-"))
        with bench.app(most) as terminal:
            bench.note("rows most", terminal.wait("SU-"))
    bench.ratio("first frame, against a bare Textual app", "frame", "hello", 1.6)
    bench.ratio("first rows with 40 tokens, against the same", "rows 40", "hello", 2.2)
    bench.ratio(f"first rows with {most:,} tokens, against those with 40", "rows most", "rows 40", 1.1)


def keys(bench: Bench) -> None:
    """Time to the last byte of a key, and bytes, against Textual's DataTable of a thousand rows."""
    for _ in range(bench.rounds):
        with opened([sys.executable, str(APPS / "stock.py"), str(STOCK)]) as terminal:
            terminal.wait("SU-")
            _press(bench, terminal, "stock", "home", "end")
        with bench.app(STOCK) as terminal:
            terminal.wait("Expiring 7")
            _press(bench, terminal, "ours", "g", "G")
    for what, measure, target in (
        ("Down, time", "down", 0.5),
        ("Down, bytes", "down bytes", 0.4),
        ("200 rows down, mean bytes", "run bytes", 0.1),
        ("PgDn, time", "page", 0.25),
        ("End, time", "end", 0.4),
        ("Home, time", "home", 0.5),
    ):
        bench.ratio(f"{what}, against DataTable", f"ours {measure}", f"stock {measure}", target)


def _press(bench: Bench, terminal: Terminal, name: str, home: str, end: str) -> None:
    terminal.settle(1.0)
    down = [terminal.press("down") for _ in range(20)]
    bench.note(f"{name} down", statistics.median(paint.last for paint in down))
    bench.note(f"{name} down bytes", statistics.median(paint.bytes for paint in down))
    bench.note(f"{name} run bytes", statistics.mean(terminal.press("down", 0.03).bytes for _ in range(200)))
    bench.note(f"{name} page", statistics.median(terminal.press("pagedown").last for _ in range(8)))
    bench.note(f"{name} end", terminal.press(end, 0.4).last)
    bench.note(f"{name} home", terminal.press(home, 0.4).last)


def held(bench: Bench) -> None:
    """A key that is held, on a fast line and on one of 256 kbit/s and 150 ms; and no key at all."""
    slow, delay, idle_s = 32_000.0, 0.15, 10.0 if bench.quick else 60.0
    for _ in range(bench.rounds):
        with bench.app(STOCK) as terminal:
            terminal.wait("SU-")
            terminal.settle(1.5)
            lag, cpu = terminal.hold("down", 4.0, 30.0)
            bench.note("held lag", lag)
            bench.note("held cpu", cpu)
            bench.note("slow down", terminal.hold("down", 4.0, 30.0, bytes_a_second=slow)[0] + delay)
            bench.note("slow page", terminal.hold("pagedown", 4.0, 30.0, bytes_a_second=slow)[0] + delay)
    with bench.app(FORTY) as terminal:
        terminal.wait("SU-")
        terminal.settle(3.0)
        before, cpu = terminal.bytes, terminal.cpu()
        terminal.settle(idle_s, idle_s)
        bench.note("idle bytes", terminal.bytes - before)
        bench.note("idle cpu", (terminal.cpu() - cpu) / idle_s)
    bench.line("Down held at 30 a second for 4 s: lag", bench.median("held lag") * 1000, "ms", 20)
    bench.line("the same: of a core", bench.median("held cpu") * 100, "%", 15)
    bench.line("the same at 256 kbit/s and 150 ms: lag", bench.median("slow down"), "s", 0.5)
    bench.line("PgDn held there: lag", bench.median("slow page"), "s", 1.0)
    bench.line(
        f"idle for {idle_s:.0f} s: bytes (a time that reads differently is written)", bench.median("idle bytes"), ""
    )
    bench.line("the same: of a core", bench.median("idle cpu") * 100, "%", 0.5)


def chart(bench: Bench) -> None:
    """The day cursor against a full redraw by textual-plotext."""
    for _ in range(bench.rounds):
        with opened([sys.executable, str(APPS / "chart.py")]) as terminal:
            terminal.wait("2xx")
            _days(bench, terminal, "redraw")
        with bench.app(FORTY) as terminal:
            terminal.wait("Expiring 4")
            terminal.settle(1.0)
            for key, text in (("enter", "General"), ("]", "Permissions"), ("]", "2xx Success")):
                terminal.press(key, 0.5)
                terminal.wait(text, 20)
            _days(bench, terminal, "cursor")
    bench.ratio("day cursor, time, against a redraw of textual-plotext", "cursor time", "redraw time", 0.2)
    bench.ratio("day cursor, bytes, against the same", "cursor bytes", "redraw bytes", 0.2)


def _days(bench: Bench, terminal: Terminal, name: str) -> None:
    terminal.settle(1.0)
    paints = [terminal.press("left", 0.2) for _ in range(12)]
    bench.note(f"{name} time", statistics.median(paint.last for paint in paints))
    bench.note(f"{name} bytes", statistics.median(paint.bytes for paint in paints))


def growth(bench: Bench) -> None:
    """How first rows, Down, End, a filter and memory grow with the number of tokens."""
    series: dict[str, list[float]] = {name: [] for name in ("first rows", "Down", "End", "filter", "memory")}
    for size in bench.sizes:
        for _ in range(bench.rounds):
            with bench.app(size) as terminal:
                bench.note(f"first rows {size}", terminal.wait("SU-"))
                terminal.wait("Deleted ")
                terminal.settle(1.5)
                down = [terminal.press("down").last for _ in range(10)]
                bench.note(f"Down {size}", statistics.median(down))
                bench.note(f"End {size}", terminal.press("G", 0.5).last)
                terminal.press("g", 0.5)
                for character in WORD[:-1]:
                    terminal.press(character, 0.3)
                bench.note(f"filter {size}", terminal.press(WORD[-1], 1.0).last)
                bench.note(f"memory {size}", terminal.memory())
        for name, values in series.items():
            values.append(bench.median(f"{name} {size}"))
    (BENCH / "growth.svg").write_text(svg("Each measure by what it is with a thousand tokens", bench.sizes, series))
    for name, values in series.items():
        limit = {"first rows": 1.1, "memory": 1.15}.get(name)
        bench.line(f"{name}: {bench.sizes[-1]:,} tokens against {bench.sizes[0]:,}", values[-1] / values[0], "×", limit)


def peers(bench: Bench) -> None:
    """Other terminal programs until their first frame, each in an environment of its own."""
    for name in PEERS:
        place = BENCH / ".venv" / f"app-{name}"
        program = place / "bin" / name
        if not program.exists():
            venv.create(place, with_pip=True)
            command = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", name]
            if subprocess.run(command, check=False).returncode:
                print(f"{name} can't be installed here: nothing is compared with it")
                continue
        for _ in range(bench.rounds + 1):  # the first one fills its caches
            with opened([str(program)], {"HOME": str(bench.place)}) as terminal:
                bench.note(name, terminal.wait(_NO_ROW))
        bench.ratio(f"{name}, first frame, against a bare Textual app", name, "hello")


PARTS: dict[str, Callable[[Bench], None]] = {
    "starts": starts,
    "keys": keys,
    "held": held,
    "chart": chart,
    "growth": growth,
}


def main() -> None:
    """Measures, prints, writes the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, up to ten thousand tokens")
    parser.add_argument("--peers", action="store_true", help="other programs too, installed into bench/.venv")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; writes no results")
    arguments = parser.parse_args()
    sizes = (1_000, 10_000) if arguments.quick else (1_000, 10_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(Path(place), 3 if arguments.quick else 5, arguments.quick, sizes)
        for name in arguments.only or PARTS:
            PARTS[name](bench)
        if arguments.peers and not arguments.only:
            peers(bench)
        if not arguments.only:
            write(BENCH / "RESULTS.md", bench.rows, rounds=bench.rounds)


if __name__ == "__main__":
    main()
