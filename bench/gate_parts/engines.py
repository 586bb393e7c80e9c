"""The same tokens in an SQLite file and on a PostgreSQL server on loopback, in one run."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gate_parts.in_process import PATH
from gate_parts.measure import Table, interleaved, rate, ratio
from gate_parts.sample import Sample
from tokentui.context import Context
from tokentui.database.database import open_database
from tokentui.gate import Gate
from tokentui.listing import counts, pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.operations.copy import copy

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.postgres import running_cluster

KEPT = 1_000


def measure(table: Table, sample: Sample, *, rounds: int, calls: int) -> None:
    """A decision that is kept, one that is not, a page of the list by name, and a count under a filter."""
    with running_cluster("shared_buffers=512MB") as cluster:
        database = open_database(cluster.url(cluster.new_database()))
        copy(sample.context.database, database)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        here = sample.context
        server = Context(database, here.settings, here.actor, environ=sample.environ)
        functions: dict[str, Callable[[], float]] = {}
        gates = [Gate.from_context(here), Gate.from_context(server)]
        for name, context, gate in zip(("file", "server"), (here, server), gates, strict=True):
            functions[f"{name}, known"] = partial(_kept, gate, sample.keys[:KEPT], calls)
            functions[f"{name}, not kept"] = partial(_not_kept, gate, sample.keys, calls // 4)
            functions[f"{name}, page"] = partial(_rate_of, partial(pages.page, context, ListSpec(sort=_BY_NAME)), 20)
            functions[f"{name}, count"] = partial(_rate_of, partial(counts.count, context, ListSpec("partner 77")), 5)
        rates = interleaved(functions, rounds)
        for what in ("known", "not kept", "page", "count"):
            label = f"{what}, {sample.size}, PostgreSQL on loopback / SQLite"
            table.add(label, ratio(rates, f"server, {what}", f"file, {what}"), "as it is")
            for name in ("file", "server"):
                middle = sorted(rates[f"{name}, {what}"])[rounds // 2]
                print(f"  {name}, {what}: {1e6 / middle:,.0f} µs", file=sys.stderr)
        for gate in gates:
            gate.close()
        server.close()


_BY_NAME = Sort(SortField.NAME)


def _kept(gate: Gate, keys: list[str], calls: int) -> float:
    headers = [f"ApiKey {key}" for key in keys]
    decide = partial(gate.verify, path=PATH)
    for header in headers:
        decide(header)
    return rate(decide, random.choices(headers, k=calls))


def _not_kept(gate: Gate, keys: list[str], calls: int) -> float:
    for reader in gate._pool.idle:
        reader.credentials.clear()
        reader.answers.clear()
    return rate(
        partial(gate.verify, path=PATH), [f"ApiKey {key}" for key in random.sample(keys, min(calls, len(keys)))]
    )


def _rate_of(read: Callable[[], object], times: int) -> float:
    return rate(lambda _: read(), [""] * times)
