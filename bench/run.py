"""Ratios, side by side in one run: what a million tokens cost against a thousand, and what a start imports.

    make bench              # 1 000 against 1 000 000 tokens: takes minutes, most of them to make the million
    python bench/run.py 100000

Each figure is a median; a ratio of 1.0 is "as smooth as a few".
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tokentui import demo
from tokentui.bootstrap import open_context
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.settings import load
from tokentui.tokens import reads

FEW, MANY = 1_000, 1_000_000
TIMES = 15


def median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    work()
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def sample(place: Path, tokens: int) -> Context:
    """A database of sample tokens."""
    environ = {"HOME": str(place), "TOKENTUI_HOME": str(place / str(tokens))}
    context = open_context(load(environ), environ=environ)
    start = time.perf_counter()
    demo.build(context, tokens=tokens)
    print(f"{tokens} tokens made in {time.perf_counter() - start:.1f} s")
    return context


def works(context: Context) -> dict[str, Callable[[], object]]:
    """What is measured on one database."""
    timed: dict[str, Callable[[], object]] = {}
    for field in SortField:
        spec = ListSpec(sort=Sort(field))
        middle = cursor_of(pages.page(context, spec, from_end=True, limit=300)[0], spec)
        timed[f"first page by {field}"] = lambda spec=spec: pages.page(context, spec)
        timed[f"page deep in {field}"] = lambda spec=spec, middle=middle: pages.page(context, spec, before=middle)
    timed["last page by expires"] = lambda: pages.page(context, ListSpec(), from_end=True)
    timed["first page of a rare word"] = lambda: pages.page(context, ListSpec("tutorial"))
    timed["counts by status"] = lambda: reads.count_by_status(context)
    return timed


def tables(many: int) -> None:
    """The list at both sizes."""
    with tempfile.TemporaryDirectory() as place:
        small, large = sample(Path(place), FEW), sample(Path(place), many)
        few, lots = works(small), works(large)
        print(f"\n{'':32}{FEW:>12} {many:>12}   ratio")
        for name in few:
            one, other = median(few[name]), median(lots[name])
            print(f"{name:32}{one:9.2f} ms {other:9.2f} ms {other / one:7.2f}")
        small.close()
        large.close()


def imports() -> None:
    """How long a fresh interpreter takes to import, against Textual's own app module."""
    base = median(lambda: subprocess.run([sys.executable, "-c", "import textual.app"], check=True))
    print(f"\n{'import textual.app':32}{base:9.0f} ms    1.00")
    for name, code in {
        "tokentui --help": "import sys; sys.argv=['tokentui','--help']; from tokentui.cli.main import main; main()",
        "the gate": "import tokentui.gate",
        "the app with its first screen": "import tokentui.app, tokentui.screens.tokens.screen, tokentui.bootstrap",
    }.items():
        took = median(
            lambda code=code: subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
        )
        print(f"{name:32}{took:9.0f} ms {took / base:7.2f}")


if __name__ == "__main__":
    tables(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)
    imports()
