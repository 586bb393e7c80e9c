"""Gates, operators and open apps beside a PostgreSQL server that is killed and started again, twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Tokentui
from tests.e2e.conftest import PROGRAM
from tests.e2e.terminal import Terminal
from tests.postgres import IS_INSTALLED, NOT_INSTALLED, Cluster, running_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not IS_INSTALLED, reason=NOT_INSTALLED)]

SECONDS = float(os.environ.get("TOKENTUI_TEST_SECONDS", "14"))
AWAY_S = 1.5
GATES, OPERATORS, TOKENS = 4, 2, 12
ROOT = Path(__file__).parent.parent.parent
IN_DOUBT = 2 * GATES
"""Flushes whose answer a server that is killed can take with it: each is written again, see docs/postgresql.md."""


@pytest.fixture
def server() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


class Worker:
    """A gate or an operator."""

    def __init__(self, kind: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.outage_worker", kind],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, **told: Any) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        self._process.stdin.write(f"{json.dumps(told)}\n")
        self._process.stdin.flush()

    def result(self) -> dict[str, Any]:
        out, _ = self._process.communicate(timeout=SECONDS + 90)
        assert self._process.returncode == 0
        return dict(json.loads(out))


def kill_and_start(server: Cluster) -> tuple[float, float]:
    """When it went, and when it was back."""
    gone = time.monotonic()
    server.stop("immediate")
    time.sleep(AWAY_S)
    server.start()
    return gone, time.monotonic()


def test_a_server_that_is_killed_twice(server: Cluster, tmp_path: Path) -> None:
    """Nobody is let in late, counts are kept, no error comes after it is back, and what was typed is still there."""
    tokentui = Tokentui(tmp_path / "home")
    environment = tokentui.environment | {"TOKENTUI_DB": server.url("postgres"), "TERM": "xterm-256color"}
    url = {"TOKENTUI_DB": server.url("postgres")}
    keys = []
    for number in range(TOKENS):
        done = tokentui("create", "--name", f"Token {number}", "--all-modules", "--json", **url)
        assert done.status == 0, done.err
        keys.append((int(done.json["id"][3:].replace("-", "")), done.json["key"]))
    apps = [Terminal([str(PROGRAM)], environment, columns=100, lines=30) for _ in range(2)]
    workers = [Worker("gate", environment) for _ in range(GATES)] + [
        Worker("operator", environment) for _ in range(OPERATORS)
    ]
    for app in apps:
        app.wait_for("Token 1", seconds=60)
    apps[0].press("n")
    apps[0].wait_for("Name")
    apps[0].write(b"Typed before it went")
    apps[0].wait_for("Typed before it went")
    for worker in workers[:GATES]:
        worker.start(seconds=SECONDS, keys=keys)
    for index, worker in enumerate(workers[GATES:]):
        worker.start(seconds=SECONDS, ids=[number for number, _ in keys[index :: 2 * OPERATORS]])
    begun = time.monotonic()
    outages = []
    for part in (0.25, 0.6):
        time.sleep(max(0.0, begun + part * SECONDS - time.monotonic()))
        outages.append(kill_and_start(server))
    results = [worker.result() for worker in workers]
    gates, operators = results[:GATES], results[GATES:]

    for result in results:
        late = [at for at in result["errors"] if not any(gone <= at <= back for gone, back in outages)]
        # One that began just before the server went fails too.
        assert not [at for at in late if not any(0 <= gone - at < 1 for gone, _ in outages)]
    intervals = [interval for operator in operators for interval in operator["disabled"]]
    let_in = [tuple(moment) for gate in gates for moment in gate["allowed"]]
    assert intervals
    assert let_in
    for since, until, number in intervals:
        assert not [at for at, of in let_in if of == number and since < at < until]
    counted: Counter[int] = Counter()
    for gate in gates:
        counted.update({int(number): count for number, count in gate["counted"].items()})
    stored = Counter(dict(server.run("SELECT token_id, sum(success)::int FROM usage GROUP BY token_id")))
    missing, twice = counted - stored, stored - counted
    away = sum(len(result["errors"]) for result in results)
    print(f"{sum(gate['decisions'] for gate in gates)} decisions, {sum(done['done'] for done in operators)} changes")
    print(f"{len(intervals)} times disabled, {away} errors while the server was away")
    print(f"{sum(counted.values())} counted, {missing.total()} missing, {twice.total()} twice")
    assert not missing
    most = max(counted.values())
    assert twice.total() <= most * IN_DOUBT
    done = tokentui("create", "--name", "Made afterwards", "--all-modules", **url)
    assert done.status == 0, done.err
    apps[1].press("/")
    apps[1].write(b"afterwards")
    apps[1].wait_for("Made afterwards", seconds=10)
    apps[0].wait_for("Typed before it went")
    for app in apps:
        app.kill(signal.SIGKILL)
