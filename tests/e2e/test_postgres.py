"""The same on a real PostgreSQL: tokens, the gate, counting, the log, several at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui
from tests.e2e.servers import eventually, free_ports
from tests.factories import make_token
from tokentui import catalog
from tokentui.context import Actor, Context, make_home
from tokentui.crypto.key_format import new_key
from tokentui.database.database import open_database
from tokentui.gate import Gate
from tokentui.listing import counts, pages
from tokentui.listing.fields import FIELDS
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.records import Action, Status
from tokentui.settings import load
from tokentui.tokens import bulk, reads, secrets
from tokentui.usage import reports, retention
from tokentui.usage.access_log import ingest
from tokentui.usage.recorder import Recorder

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/nowhere"))

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not (BIN / "initdb").exists(), reason="PostgreSQL is not installed (apt install postgresql)"),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A cluster of its own; the server refuses to run as root, so root hands it to the user `postgres`."""
    place = Path(tempfile.mkdtemp(prefix="tokentui-postgres-"))
    as_user: list[str] = []
    if os.getuid() == 0:
        shutil.chown(place, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    (port,) = free_ports(1)
    data = str(place / "data")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    control = [*as_user, str(BIN / "pg_ctl"), "-D", data, "-w"]
    # Else both are the environment's, and a database in the C locale of a container could not hold every text.
    locale = ["-E", "UTF8", "--locale=C"]
    initdb = [*as_user, str(BIN / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-N", *locale]
    subprocess.run(initdb, **quiet)  # type: ignore[call-overload]
    options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run([*control, "-o", options, "-l", str(place / "log"), "start"], **quiet)  # type: ignore[call-overload]
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def open_another(url: str, tmp_path: Path) -> Iterator[Callable[[], Context]]:
    """A context with connections of its own, as another process has."""
    pytest.importorskip("psycopg")
    settings = load({"HOME": str(tmp_path), "TOKENTUI_HOME": str(tmp_path / "home"), "TOKENTUI_DB": url})
    opened: list[Context] = []

    def open_one() -> Context:
        make_home(settings)
        context = Context(open_database(settings.database_url), settings, Actor("alice"), environ={})
        catalog.seed(context)
        opened.append(context)
        return context

    yield open_one
    with opened[0].database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
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


@pytest.mark.parametrize("field", SortField)
@pytest.mark.parametrize("descending", [False, True])
def test_lists(context: Context, field: SortField, descending: bool) -> None:
    """Every order, from both ends and from each row on, with a filter and without; places are counted alike."""
    days = {"b": 30, "A": 3, "c": None, "d": 60, "e": 30, "f": 5}
    ids = {name: make_token(context, name, days=left, owner=name).token.id for name, left in days.items()}
    bulk.apply(context, Action.DELETE, [ids["b"]])
    bulk.apply(context, Action.DISABLE, [ids["d"], ids["f"]])
    sort = Sort(field, descending)
    for spec in (ListSpec(sort=sort, include_deleted=True), ListSpec("-name:b", sort=sort), ListSpec(sort=sort)):
        rows = pages.page(context, spec)
        assert {row.name for row in rows} == (set(days) if spec.include_deleted else set(days) - {"b"})
        assert counts.count(context, spec) == len(rows)
        assert pages.page(context, spec, from_end=True) == rows
        for index, row in enumerate(rows):
            cursor = cursor_of(row, spec)
            assert pages.page(context, spec, after=cursor) == rows[index + 1 :]
            assert pages.page(context, spec, before=cursor) == rows[:index]
            assert counts.rank(context, spec, cursor) == index
            assert pages.page(context, spec, after=counts.seek(context, spec, index), limit=1) == (row,)
    urgent = [row.name for row in pages.page(context, ListSpec(include_deleted=True))]
    assert urgent[:3] == ["A", "e", "c"]
    assert urgent[-1] == "b"


def test_filters(context: Context) -> None:
    """Each field of the language, and the counts."""
    made = [make_token(context, name, days=days) for name, days in (("b", 30), ("A", 3), ("c", None))]
    bulk.apply(context, Action.DELETE, [made[0].token.id])
    assert [row.name for row in pages.page(context, ListSpec("status:expiring -x"))] == ["A"]
    for field in FIELDS:
        for query in (field.example, f"-{field.example}"):
            assert len(pages.page(context, ListSpec(query))) == counts.count(context, ListSpec(query))
    by_status = reads.count_by_status(context)
    assert (by_status[Status.ACTIVE], by_status[Status.EXPIRING], by_status[Status.DELETED]) == (1, 1, 1)


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


def test_a_database_that_can_t_hold_every_text(url: str, tmp_path: Path) -> None:
    """A name in Greek would be refused one day, so the database is refused at the first look."""
    psycopg = pytest.importorskip("psycopg")
    with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
        connection.execute("CREATE DATABASE latin ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    tokentui = Tokentui(tmp_path / "home")
    for command in (["list"], ["create", "--name", "Ω", "--all-modules"]):
        done = tokentui(*command, TOKENTUI_DB=url.removesuffix("postgres") + "latin")
        assert done.status == 3
        assert done.out == ""
        assert len(done.err.splitlines()) == 1
        assert "is in LATIN1, and must be in UTF8: make another with ENCODING 'UTF8'" in done.err


def test_why_there_is_no_connection(url: str, tmp_path: Path) -> None:
    """An unknown user, a wrong password, none, an unknown database: each a line of its own."""
    psycopg = pytest.importorskip("psycopg")
    tokentui = Tokentui(tmp_path / "home")
    with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
        connection.execute("CREATE ROLE checked LOGIN PASSWORD 'right'")
        (rules,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        lines = "('host all checked 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust')"
        connection.execute(f"COPY (VALUES {lines}) TO '{rules}'")
        connection.execute("SELECT pg_reload_conf()")

    def said(user: str, database: str = "postgres") -> str:
        there = url.replace("//postgres@", f"//{user}@").removesuffix("/postgres")
        done = tokentui("list", TOKENTUI_DB=f"{there}/{database}")
        assert (done.status, len(done.err.splitlines())) == (3, 1)
        return done.err

    eventually(lambda: "refused the password: check user and password" in said("checked:wrong"), "the new rules")
    assert "wrong" not in said("checked:wrong")
    assert "wants a password: give it in the URL" in said("checked")
    assert "has no such user" in said("nobody")
    assert "is not there: make it with `createdb`" in said("postgres", "nothing")
    assert "is not there: make it with `createdb`" in said("checked:right", "nothing")
