"""Decisions a second in process, against the floor on the same database."""

from __future__ import annotations

import hmac
import random
import sqlite3
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from gate_parts.measure import Table, interleaved, rate, ratio
from gate_parts.sample import Sample
from tokentui.gate import Gate

PATH = "/agreements/"
FEW = 1_000


def floor(sample: Sample) -> Callable[[str], object]:
    """What nobody can go below: HMAC-SHA-256 of the key, and its token's row by primary key, in raw sqlite3.

    It knows the columns that a decision needs, uses one cursor with a statement that stays prepared, and decides
    nothing.
    """
    connection = sqlite3.connect(f"file:{quote(sample.path)}?mode=ro", uri=True, isolation_level=None)
    execute = connection.cursor().execute
    secret = sample.context.vault().verify_key
    statement = "SELECT * FROM tokens WHERE id = ?"

    def look_up(key: str) -> object:
        hmac.digest(secret, key.encode("ascii"), "sha256")
        return execute(statement, (int(key[3:6] + key[7:10] + key[11:14]),)).fetchone()

    return look_up


def mistyped(key: str) -> str:
    """The key with another last digit, so that its checksum is wrong."""
    return key[:-1] + ("1" if key[-1] == "0" else "0")


def measure(table: Table, sample: Sample, *, rounds: int, calls: int) -> None:
    """Known, not kept, mistyped."""
    gate = Gate.from_context(sample.context)
    lowest = floor(sample)
    few = random.choices(sample.keys[:FEW], k=calls)
    headers = [f"ApiKey {key}" for key in few]
    wrong = [f"ApiKey {mistyped(key)}" for key in few]
    uniform: list[str] = []
    decide = partial(gate.verify, path=PATH)

    def draw() -> float:
        # None of them twice: the second time it would be kept.
        uniform[:] = random.sample(sample.keys, min(calls // 2, len(sample.keys)))
        return 1.0

    def forgotten() -> float:
        for reader in gate._pool.idle:
            reader.credentials.clear()
        return rate(decide, [f"ApiKey {key}" for key in uniform])

    def few_keys() -> float:
        for header in headers[: FEW * 5]:
            decide(header)
        return rate(decide, headers)

    draw()
    for value, reason in ((headers[0], "valid"), (f"ApiKey {uniform[0]}", "valid"), (wrong[0], "checksum")):
        if decide(value).reason != reason:
            raise AssertionError(f"not {reason}")
    rates = interleaved(
        {
            "floor, few": lambda: rate(lowest, few),
            "known": few_keys,
            "checksum": lambda: rate(decide, wrong),
            "draw": draw,
            "floor, uniform": lambda: rate(lowest, uniform),
            "not kept": forgotten,
        },
        rounds,
    )
    size = sample.size
    table.add(f"known key, in process, {size}, change seen at each call / floor", *_of(rates, "known", "few", "≥ 4"))
    table.add(f"key not in the cache, uniform, {size} / floor", *_of(rates, "not kept", "uniform", "≥ 0.6"))
    table.add(f"wrong checksum, {size} / floor", *_of(rates, "checksum", "few", "≥ 1.2"))
    gate.close()


def _of(rates: dict[str, list[float]], what: str, keys: str, target: str) -> tuple[float, str]:
    return ratio(rates, what, f"floor, {keys}"), target
