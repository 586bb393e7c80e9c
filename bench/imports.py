"""What an import costs: 100 000 generated lines, of which every one is a token or a bad line; its time and memory.

python bench/imports.py --lines 100000
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.imports.generated_lines import generate
from tokentui import catalog, imports
from tokentui.context import Actor, Context
from tokentui.database.database import open_database
from tokentui.imports import Stage
from tokentui.settings import load


def main() -> None:
    """Makes the lines, imports them, prints what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "lines.jsonl")
        with file.open("wb") as out:
            out.writelines(generate(Random(arguments.seed), arguments.lines))
        settings = load({"HOME": place, "TOKENTUI_HOME": place})
        context = Context(open_database(settings.database_url), settings, Actor("bench"), environ={})
        catalog.seed(context)
        before = _peak_mib()
        with Stage() as stage, file.open("rb") as stream:
            start = time.perf_counter()
            imports.prepare(context, stream, stage, tell=lambda bad: None)
            prepared = time.perf_counter()
            imports.load(context, stage)
            loaded = time.perf_counter()
            print(
                f"{arguments.lines} lines ({file.stat().st_size // 2**20} MiB): {stage.tokens} tokens, {stage.bad} bad"
            )
        print(f"read and checked in {prepared - start:.1f} s, written with the lock held in {loaded - prepared:.1f} s")
        print(f"peak memory {before:.0f} MiB before, {_peak_mib():.0f} MiB after")
        context.close()


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
