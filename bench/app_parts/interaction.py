"""The app on a terminal: starts, keys, keys that are held, the chart, and how all of it grows."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app_parts.bench import Bench, opened
from app_parts.figure import svg
from app_parts.terminal import Terminal

APPS = Path(__file__).parent / "apps"
FIGURE = Path(__file__).parent.parent / "growth.svg"
FORTY, STOCK = 40, 1_000
WORD = "/tutorial"
FILTERED = " 1 of "
"""Stands on the screen once the list was filtered by `WORD`."""
_TIMES_AS_OFTEN = 3
"""A start is over within a second: what else the machine did in it may be half of what was measured."""
READ = "by Urgency"
"""Stands on the screen once the whole list was read, whatever it holds."""


@contextmanager
def _app_of(bench: Bench, name: str, *arguments: str) -> Iterator[Terminal]:
    """One of the programs to compare with."""
    with opened([str(bench.python), str(APPS / name), *arguments]) as terminal:
        yield terminal


def starts(bench: Bench) -> None:
    """First frame and first rows against a bare Textual app."""
    most = bench.sizes[-1]
    bench.database(most)
    for _ in range(_TIMES_AS_OFTEN * bench.rounds):
        with _app_of(bench, "hello.py") as terminal:
            bench.note("hello", terminal.wait("READY-MARK"))
        with bench.app(FORTY) as terminal:
            bench.note("frame", terminal.wait("tokentui"))
        with bench.app(FORTY) as terminal:
            bench.note("rows 40", terminal.wait("SU-"))
        with bench.app(most) as terminal:
            bench.note("rows most", terminal.wait("SU-"))
        with opened([bench.program, "demo"], bench.variables) as terminal:
            bench.note("demo 40", terminal.wait("SU-"))
    bench.ratio("first frame, against a bare Textual app", "frame", "hello", 1.6, headline=True)
    bench.ratio("first rows with 40 tokens, against the same", "rows 40", "hello", 2.2)
    what = f"first rows with {most:,} tokens, against those with 40"
    bench.ratio(what, "rows most", "rows 40", 1.1, headline=True)
    bench.line("`tokentui demo` until its first row", bench.median("demo 40"), "s", 1.0)


def keys(bench: Bench) -> None:
    """Time to the last byte of a key, and bytes, against Textual's DataTable of a thousand rows."""
    for _ in range(bench.rounds):
        with _app_of(bench, "stock.py", str(STOCK)) as terminal:
            terminal.wait("SU-")
            _press(bench, terminal, "stock", "home", "end")
        with bench.app(STOCK) as terminal:
            terminal.wait(READ)
            _press(bench, terminal, "ours", "g", "G")
    for what, measure, target in (
        ("Down, time", "down", 0.5),
        ("Down, bytes", "down bytes", 0.4),
        ("200 rows down, mean bytes", "run bytes", 0.1),
        ("PgDn, time", "page", 0.25),
        ("End, time", "end", 0.4),
        ("Home, time", "home", 0.5),
    ):
        headline = measure in ("down", "run bytes", "end")
        bench.ratio(f"{what}, against DataTable", f"ours {measure}", f"stock {measure}", target, headline=headline)


def _press(bench: Bench, terminal: Terminal, name: str, home: str, end: str) -> None:
    terminal.settle(1.0)
    down = [terminal.press("down") for _ in range(20)]
    bench.note(f"{name} down", statistics.median(paint.last for paint in down))
    bench.note(f"{name} down bytes", statistics.median(paint.bytes for paint in down))
    bench.note(f"{name} run bytes", statistics.mean(terminal.press("down", 0.03).bytes for _ in range(200)))
    terminal.settle(0.5)
    # DataTable glides to the next page: it is there with the last byte.
    bench.note(f"{name} page", statistics.median(terminal.press("pagedown", 0.25).last for _ in range(8)))
    bench.note(f"{name} end", terminal.press(end, 0.4).last)
    bench.note(f"{name} home", terminal.press(home, 0.4).last)


def held(bench: Bench) -> None:
    """A key that is held, on a fast line and on one of 256 kbit/s and 150 ms; and no key at all."""
    slow, delay = 32_000.0, 0.15
    for _ in range(bench.rounds):
        with bench.app(STOCK) as terminal:
            terminal.wait(READ)
            terminal.settle(1.5)
            lag, cpu = terminal.hold("down", 4.0, 30.0)
            bench.note("held lag", lag)
            bench.note("held cpu", cpu)
            bench.note("slow down", terminal.hold("down", 4.0, 30.0, bytes_a_second=slow)[0] + delay)
            bench.note("slow page", terminal.hold("pagedown", 4.0, 30.0, bytes_a_second=slow)[0] + delay)
    _idle(bench)
    bench.line("Down held at 30 a second for 4 s: lag", bench.median("held lag") * 1000, "ms", 20)
    bench.line("the same: of a core", bench.median("held cpu") * 100, "%", 15)
    bench.line("the same at 256 kbit/s and 150 ms: lag", bench.median("slow down"), "s", 0.5, headline=True)
    bench.line("PgDn held there: lag", bench.median("slow page"), "s", 1.0)
    bench.line(f"idle for {bench.idle_s:.0f} s, no time in sight: bytes", bench.median("idle bytes"), "", 0)
    bench.line("the same with `50 min ago` in the rows: bytes", bench.median("idle bytes of times"), "")
    bench.line("the same: of a core", bench.median("idle cpu") * 100, "%", 0.5)


def _idle(bench: Bench) -> None:
    """The list of all tokens, and the one of those that were deleted, whose times are dates."""
    with bench.app(FORTY) as every, bench.app(FORTY) as deleted:
        for terminal in (every, deleted):
            terminal.wait(READ)
            terminal.settle(1.5)
        deleted.press("5", 1.5)
        before, others, cpu = every.bytes, deleted.bytes, every.cpu()
        every.wait_s(bench.idle_s)
        deleted.settle(0.1)
        bench.note("idle bytes", deleted.bytes - others)
        bench.note("idle bytes of times", every.bytes - before)
        bench.note("idle cpu", (every.cpu() - cpu) / bench.idle_s)


def chart(bench: Bench) -> None:
    """The day cursor against a full redraw by textual-plotext."""
    for _ in range(bench.rounds):
        with _app_of(bench, "chart.py") as terminal:
            terminal.wait("2xx")
            _days(bench, terminal, "redraw")
        with bench.app(FORTY) as terminal:
            terminal.wait(READ)
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
        bench.database(size)
    for _ in range(bench.rounds):
        for size in bench.sizes:
            with bench.app(size) as terminal:
                bench.note(f"first rows {size}", terminal.wait("SU-"))
                terminal.wait(READ)
                terminal.settle(1.5)
                down = [terminal.press("down").last for _ in range(10)]
                bench.note(f"Down {size}", statistics.median(down))
                bench.note(f"End {size}", terminal.press("G", 0.5).last)
                for _ in range(20):
                    terminal.press("pageup", 0.05)
                terminal.press("g", 0.5)
                # At once, as it is pasted; waited for shorter than the cursor in the filter takes to blink.
                bench.note(f"filter {size}", terminal.type(WORD, 0.4).last)
                assert terminal.wait(FILTERED, 10.0) > 0, "the list was not filtered"
                bench.note(f"memory {size}", terminal.memory())
    for size in bench.sizes:
        for name, values in series.items():
            values.append(bench.median(f"{name} {size}"))
    if len(bench.sizes) > 2:  # of two points there is no figure
        FIGURE.write_text(svg("Each measure by what it is with a thousand tokens", bench.sizes, series))
    for name, values in series.items():
        limit = {"first rows": 1.1, "memory": 1.15}.get(name)
        what = f"{name}: {bench.sizes[-1]:,} tokens against {bench.sizes[0]:,}"
        bench.line(what, values[-1] / values[0], "×", limit, headline=name == "memory")
