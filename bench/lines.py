"""100 000 generated lines through what reads lines of others: `leaks`, and the receiver of leak alerts.

    python bench/lines.py --lines 100000

The lines are texts of every kind, keys whole, cut, changed and escaped, JSON of every shape, and bytes that are no
text. Exits with 1 where anything but the readers' own errors is raised, or a whole key is overlooked. Those of `import`
are in bench/imports.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tokentui.crypto.key_format import new_id, new_key
from tokentui.gate.server.leak_alerts import BadAlert, read_alerts
from tokentui.leaks.scan import Match, scan


def line(chance: Random) -> tuple[bytes, int]:
    """A line, and how many whole keys are in it."""
    key = new_key(new_id()).text
    text = "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(160, 0xD7FF)))) for _ in range(20))
    kind = chance.randrange(8)
    if kind == 0:
        return f"{text} {key} {text}".encode(), 1
    if kind == 1:
        return f"{text}?key={key.replace(':', '%3A')}&{text}".encode(), 1
    if kind == 2:
        return f"{text} {key[: chance.randrange(len(key))]}".encode(), 0
    if kind == 3:
        place = chance.randrange(15, len(key))
        return f"{key[:place]}{'0' if key[place] != '0' else '1'}{key[place + 1 :]} {text}".encode(), 0
    if kind == 4:
        return json.dumps([{"token": key, "type": text, "url": text}] * chance.randrange(3)).encode(), -1
    if kind == 5:
        return json.dumps(chance.choice(({}, [], [[]], [1], [{"token": 1}], None, "x" * 1000))).encode(), 0
    if kind == 6:
        return chance.randbytes(chance.randrange(200)).replace(b"\n", b" "), 0
    return b"[" * chance.randrange(2_000), 0


def lines(number: int, seed: int) -> Iterator[tuple[bytes, int]]:
    chance = Random(seed)
    return (line(chance) for _ in range(number))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    made = list(lines(arguments.lines, arguments.seed))
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "lines.log")
        file.write_bytes(b"\n".join(text for text, _ in made))
        begun = time.perf_counter()
        matches = {match.line for match in scan([str(file)], lambda: sys.stdin.buffer) if isinstance(match, Match)}
        took = time.perf_counter() - begun
    wanted = {number for number, (_, keys) in enumerate(made, 1) if keys == 1}
    wrong = {number for number, (_, keys) in enumerate(made, 1) if keys == 0 and number in matches}
    print(
        f"leaks: {len(matches)} lines with keys in {took:.1f} s, {len(wanted - matches)} overlooked, {len(wrong)} wrong"
    )
    begun = time.perf_counter()
    read = refused = 0
    for text, _ in made:
        try:
            read += len(read_alerts(text))
        except BadAlert:
            refused += 1
    print(f"alerts: {read} read, {refused} bodies refused in {time.perf_counter() - begun:.1f} s")
    return 1 if wanted - matches or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
