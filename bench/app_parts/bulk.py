"""Many tokens at once: samples that are written, lists and exports that are read, and every page in the services."""

from __future__ import annotations

from collections import defaultdict

import service

from app_parts.bench import Bench
from tokentui.bootstrap import open_context
from tokentui.listing.pages import PAGE
from tokentui.settings import load

_SELECTIVE_WORD, _COMMON_WORD = "first page of a selective word", "first page of a word that fills it"


def demo(bench: Bench) -> None:
    """What the largest sample takes to be made."""
    most = bench.sizes[-1]
    bench.note_demo(most)
    for what, name, unit, target in (
        ("seconds", "clock", "s", 90.0),
        ("seconds of a processor", "processor", "s", None),
        ("memory", "memory", "MB", 150.0),
    ):
        line = f"`tokentui demo --tokens {most}`: {what}"
        bench.line(line, bench.median(f"demo {most} {name}"), unit, target)


def streams(bench: Bench) -> None:
    """Memory of commands that write every token, by that of ten times fewer."""
    fewer, more = bench.sizes[-3:-1] if len(bench.sizes) > 2 else bench.sizes
    for arguments in (("list", "--json"), ("list", "--csv"), ("export",)):
        for size in (fewer, more):
            used = bench.run("--db", bench.database(size), *arguments)
            bench.note(f"{arguments} {size}", used.memory_mb)
        what = f"`{' '.join(arguments)}`: memory with {more:,} tokens against {fewer:,}"
        bench.ratio(what, f"{arguments} {more}", f"{arguments} {fewer}", 1.15)


def services(bench: Bench) -> None:
    """The slowest of each kind of page with the most tokens, in milliseconds of a processor."""
    most = bench.sizes[-1]
    context = open_context(load(bench.variables, database=bench.database(most)), environ=bench.variables)
    slowest: dict[str, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    over = []
    try:
        for works in (service.count_works, service.page_works, service.filter_works):
            for name, work in works(context):
                kind = _kind_of(name)
                if kind == "first page of a word":
                    kind = _SELECTIVE_WORD if len(work()) < PAGE else _COMMON_WORD
                if kind:
                    _, processor = service.median(work)
                    slowest[kind] = max(slowest[kind], (processor, name))
                    over += [f"{name} {processor:.0f} ms"] if processor > 10 else []
    finally:
        context.close()
    for kind, (processor, name) in slowest.items():
        target = {"counts by status": 5.0, _COMMON_WORD: None}.get(kind, 10.0)
        what = f"{most:,} tokens, {kind}; the slowest, {name}"
        bench.line(what, processor, "ms", target, headline=kind == "first page of an order")
    print("over 10 ms:", "; ".join(over) or "none", flush=True)


def _kind_of(name: str) -> str:
    """Which target a measure of `bench/service.py` is for; empty for none."""
    if name == "counts: by status":
        return "counts by status"
    kind, _, what = name.partition(": ")
    if kind == "page":
        return "first page of an order" if what.startswith("first") else ""
    if kind == "status":
        return "first page of a status"
    if kind != "filter":
        return ""
    return "first page of a field of the filter" if ":" in what else "first page of a word"
