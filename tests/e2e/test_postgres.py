"""Several at once on a PostgreSQL server: a gate beside changes, counters beside each other."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.factories import make_token
from tests.postgres import Cluster
from tokentui import catalog
from tokentui.context import Actor, Context, make_home
from tokentui.crypto.key_format import new_key
from tokentui.database.database import open_database
from tokentui.gate import Gate
from tokentui.records import Action
from tokentui.settings import load
from tokentui.tokens import bulk, reads, secrets
from tokentui.usage import reports, retention
from tokentui.usage.access_log import ingest
from tokentui.usage.recorder import Recorder

pytestmark = pytest.mark.e2e


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    """An empty database."""
    name = cluster.new_database()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def open_another(url: str, tmp_path: Path) -> Iterator[Callable[[], Context]]:
    """A context with connections of its own, as another process has."""
    settings = load({"HOME": str(tmp_path), "TOKENTUI_HOME": str(tmp_path / "home"), "TOKENTUI_DB": url})
    opened: list[Context] = []

    def open_one() -> Context:
        make_home(settings)
        context = Context(open_database(settings.database_url), settings, Actor("alice"), environ={})
        catalog.seed(context)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def context(open_another: Callable[[], Context]) -> Context:
    return open_another()


def test_the_gate(context: Context, open_another: Callable[[], Context]) -> None:
    """What another connection commits counts from the next request on."""
    issued = make_token(context, modules=("agreements",))
    gate = Gate.from_context(open_another())
    assert issued.key is not None
    header = f"ApiKey {issued.key.text}"
    assert gate.verify(header, path="/agreements/").reason == "valid"
    assert gate.verify(header, path="/products").reason == "module"
    assert gate.verify(f"ApiKey {new_key(5).text}").reason == "unknown"
    assert gate.verify(f"ApiKey {new_key(issued.token.id).text}").reason == "wrong-secret"
    for _ in range(20):
        bulk.apply(context, Action.DISABLE, [issued.token.id])
        assert gate.verify(header).reason == "disabled"
        bulk.apply(context, Action.ENABLE, [issued.token.id])
        assert gate.verify(header).reason == "valid"
    secrets.rotate_token(context, issued.token.id)
    assert gate.verify(header).reason == "wrong-secret"


def test_counting_side_by_side(context: Context, open_another: Callable[[], Context]) -> None:
    """Several gates and a log that is told twice: no count is lost or doubled."""
    issued = make_token(context)
    others = [open_another() for _ in range(4)]
    assert issued.key is not None
    token = Gate.from_context(context).verify(f"ApiKey {issued.key.text}").token
    assert token is not None
    lines = [
        json.dumps({"time": f"{time.time():.3f}", "request": os.urandom(16).hex(), "token": token.id, "status": "404"})
        for _ in range(200)
    ]

    def work(other: Context) -> None:
        recorder = Recorder(other, interval=0.001)
        for _ in range(500):
            recorder.count(token, 200, "203.0.113.9")
        for start in range(0, len(lines), 20):
            ingest.ingest(other, enumerate(lines[start : start + 20]), ingest.IngestResult())
        recorder.close()

    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports.daily(context, issued.token.id, days=2).totals == (2_000, 0, 200, 0)
    assert reads.get_token(context, issued.token.id).last_used_from == "203.0.113.9"
    retention.tidy(context)
