"""What the app costs: ratios, side by side in one run, against bare Textual, its own table, and other programs.

    python bench/app.py            # up to a million tokens, five rounds: a quarter of an hour
    python bench/app.py --resume   # goes on where a run was broken off, with what it had measured
    python bench/app.py --quick    # up to ten thousand, three rounds; writes no results
    python bench/app.py --only keys --only chart   # some parts; writes no results

Each figure is a median of rounds that take turns. The app is installed from its wheel, the peers from their registry,
into `bench/.venv`; the databases are made there too. Writes bench/RESULTS.md, with the machine and the versions, the
figure bench/growth.svg, and README's table.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from math import isnan
from pathlib import Path

from app_parts import bulk, interaction, set_up
from app_parts.bench import Bench, opened
from app_parts.results import Row, write, write_headlines

from tokentui import migrations

BENCH = Path(__file__).parent
PEERS = ("posting", "harlequin")
_ANY_TEXT = ""


def peers(bench: Bench) -> None:
    """Other terminal programs until their first frame."""
    for name in PEERS:
        program = set_up.peer(name)
        if program is None:
            print(f"{name} can't be installed here: nothing is compared with it")
            continue
        for number in range(bench.rounds + 1):
            with opened([str(program)], {"HOME": str(bench.place)}) as terminal:
                took = terminal.wait(_ANY_TEXT, 30)
            if isnan(took):
                break
            if number:  # the first one fills its caches
                bench.note(name, took)
            with opened([str(bench.python), str(interaction.APPS / "hello.py")]) as terminal:
                bench.note(f"hello beside {name}", terminal.wait("READY-MARK"))
        if isnan(took):
            print(f"{name} shows nothing here: nothing is compared with it")
            continue
        bench.ratio(f"{name}, first frame, against a bare Textual app", name, f"hello beside {name}", headline=True)


PARTS: dict[str, Callable[[Bench], None]] = {
    "demo": bulk.demo,
    "starts": interaction.starts,
    "keys": interaction.keys,
    "held": interaction.held,
    "chart": interaction.chart,
    "growth": interaction.growth,
    "services": bulk.services,
    "streams": bulk.streams,
    "peers": peers,
}


def main() -> None:
    """Measures, prints, writes the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, up to ten thousand tokens")
    parser.add_argument("--resume", action="store_true", help="leave out the parts that the last run has measured")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; writes no results")
    given = parser.parse_args()
    place = set_up.PLACE / "data" / migrations.HEAD
    place.mkdir(parents=True, exist_ok=True)
    sizes = (1_000, 10_000) if given.quick else (1_000, 10_000, 100_000, 1_000_000)
    bench = Bench(set_up.wheel(), place, 3 if given.quick else 5, 10.0 if given.quick else 60.0, sizes)
    if given.quick or given.only:
        for name in given.only or PARTS:
            PARTS[name](bench)
        return
    load = os.getloadavg()[0]
    measured = _measured(place) if given.resume else {}
    for name, part in PARTS.items():
        if name in measured:
            bench.rows += measured[name]
            continue
        before = len(bench.rows)
        part(bench)
        measured[name] = bench.rows[before:]
        _keep(place, measured)
    write(BENCH / "RESULTS.md", bench.rows, rounds=bench.rounds, load=load)
    write_headlines(BENCH.parent / "README.md", bench.rows)
    (place / "measured.json").unlink()


def _measured(place: Path) -> dict[str, list[Row]]:
    """What a run that was broken off has measured, by its part."""
    try:
        kept = json.loads((place / "measured.json").read_text())
    except FileNotFoundError:
        return {}
    return {name: [Row(**row) for row in rows] for name, rows in kept.items()}


def _keep(place: Path, measured: dict[str, list[Row]]) -> None:
    kept = {name: [asdict(row) for row in rows] for name, rows in measured.items()}
    (place / "measured.json").write_text(json.dumps(kept))


if __name__ == "__main__":
    main()
