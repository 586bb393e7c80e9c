"""What the gate costs: ratios, side by side in one run, against a floor and against others.

    python bench/gate.py                    # a million tokens; minutes
    python bench/gate.py --quick            # fewer and shorter rounds
    python bench/gate.py --only in-process  # one part: see PARTS

Each figure is a median of rounds that take turns; a rate by itself says nothing about another machine, so none is
printed.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gate_parts import engines, in_process, nginx, peers, revocation, sample, times, web
from gate_parts.measure import Table

from tokentui.gate import Gate

FEW = 10_000


@dataclass
class Run:
    """What a part gets: where to put files, how much to do, and the tokens."""

    place: Path
    table: Table
    many: sample.Sample
    few: sample.Sample
    quick: bool


def decisions(run: Run) -> None:
    """(a) In process, against the floor."""
    for database in (run.many, run.few):
        in_process.measure(run.table, database, rounds=3 if run.quick else 9, calls=10_000 if run.quick else 40_000)


def others(run: Run) -> None:
    """(b) In process, against other programs."""
    peers.measure(run.table, run.few, run.place, rounds=3 if run.quick else 7, calls=10_000 if run.quick else 40_000)


def _web(run: Run, *parts: Callable[[web.Web], None]) -> None:
    for part in parts:
        rounds, seconds = (3, 1.0) if run.quick else (9, 2.0)
        with web.Web(run.table, run.few, run.place, rounds=rounds, seconds=seconds) as servers:
            part(servers)


def over_http(run: Run) -> None:
    """(c) Requests a second under uvicorn and gunicorn."""
    _web(run, web.middleware, web.frameworks)


def behind_nginx(run: Run) -> None:
    """(d) Requests a second through nginx."""
    _web(run, nginx.measure)


def revocations(run: Run) -> None:
    """(e) Seen at once, always."""
    revocation.measure(run.table, run.few, trials=1_000 if run.quick else 10_000)


def refusals(run: Run) -> None:
    """(f) What their time tells."""
    count, ids, repeated = (6_000, 50, 100) if run.quick else (60_000, 200, 300)
    for database in (run.many, run.few):
        gate = Gate.from_context(database.context)
        timed = times.in_process(gate.verify)
        times.compare(run.table, f"in process, {database.size}", database, timed, count=min(count, len(database.keys)))
        what = f"in process, {database.size}, by ID"
        times.compare_ids(run.table, what, database, timed, ids=ids, times=repeated)
        gate.close()
    count, ids, repeated = (1_000, 20, 50) if run.quick else (10_000, 50, 200)
    _web(run, partial(web.refusals, count=count, ids=ids, repeated=repeated))


def on_both_engines(run: Run) -> None:
    """(g) A file beside a server."""
    engines.measure(run.table, run.few, rounds=3 if run.quick else 7, calls=1_000 if run.quick else 4_000)


PARTS: dict[str, Callable[[Run], None]] = {
    "in-process": decisions,
    "others": others,
    "http": over_http,
    "nginx": behind_nginx,
    "revocations": revocations,
    "times": refusals,
    "engines": on_both_engines,
}


def main() -> None:
    """Makes the tokens, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=FEW, help="tokens of the smaller database")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        run = Run(
            Path(place),
            Table(),
            sample.make(Path(place), arguments.tokens),
            sample.make(Path(place), arguments.few),
            arguments.quick,
        )
        gc.collect()
        gc.freeze()  # the million keys are the bench's own: the collector need not visit them while the gate works
        for name in arguments.only or PARTS:
            PARTS[name](run)
        run.table.again()
        run.many.close()
        run.few.close()


if __name__ == "__main__":
    main()
