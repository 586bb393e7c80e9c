"""A context on a database of its own, with a clock that stands still.

The database is an SQLite file; with `--engine postgresql`, one on a server that the tests start.
"""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings as property_settings

from tests.factories import FrozenClock
from tests.postgres import IS_INSTALLED, NOT_INSTALLED, Cluster, running_cluster
from tokentui import catalog, demo
from tokentui.context import Actor, Context, make_home
from tokentui.database.database import open_database
from tokentui.keyring import BACKED_UP
from tokentui.models import Meta
from tokentui.settings import Settings, load

ZONE = ZoneInfo("Europe/Berlin")
ALICE = Actor("alice", "10.0.0.5")

# How long an example takes depends on what else the machine does.
property_settings.register_profile("without a deadline", deadline=None)
property_settings.load_profile("without a deadline")

# Each app that is started leaves cycles behind; Python would look for them, among all modules too, many times a test.
gc.set_threshold(100_000, 20, 50)

# A shell lets what it runs in the background ignore SIGINT, and each program that the tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which database the tests of services run on."""
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="the database of the tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a server there is nothing to test of what is a file's, or asks no database."""
    if config.getoption("--engine") == "sqlite":
        return
    left_out = [item for item in items if not _asks_server(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _asks_server(item)]


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: no search for cycles need visit them."""
    gc.collect()
    gc.freeze()


def _asks_server(item: pytest.Item) -> bool:
    has_context = "settings" in getattr(item, "fixturenames", ())
    return has_context and not item.get_closest_marker("sqlite") and not item.get_closest_marker("e2e")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings, the home or the terminal of whoever runs it."""
    for name in (
        "TOKENTUI_DB", "TOKENTUI_HOME", "TOKENTUI_CONFIG", "TOKENTUI_MASTER_KEY", "TOKENTUI_MASTER_KEY_FILE",
        "TOKENTUI_VERIFY_KEY_FILE", "TOKENTUI_PASSPHRASE_FD",
        "TOKENTUI_READ_ONLY", "CREDENTIALS_DIRECTORY", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "TMUX",
        "STY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "SUDO_USER",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture
def clock() -> FrozenClock:
    """2026-11-24 09:30 UTC, until it is moved."""
    return FrozenClock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    pytest.importorskip("psycopg")
    if not IS_INSTALLED:
        pytest.skip(NOT_INSTALLED)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def on_server(request: pytest.FixtureRequest) -> bool:
    """Whether the tests run on PostgreSQL."""
    return bool(request.config.getoption("--engine") == "postgresql")


@pytest.fixture
def settings(tmp_path: Path, on_server: bool, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The defaults, with a home in the test's own directory."""
    settings = load({"HOME": str(tmp_path), "TOKENTUI_HOME": str(tmp_path / "home")})
    if not on_server:
        yield settings
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    template = {"sample": "samples", "long_list": "long_samples"}
    wanted = next((samples for name, samples in template.items() if name in request.fixturenames), None)
    if wanted is None:
        name = cluster.new_database(request.getfixturevalue("new_template"))
    else:
        name = cluster.new_database(request.getfixturevalue(wanted).database)
    yield replace(settings, database=cluster.url(name))
    cluster.drop(name)


@pytest.fixture(scope="session")
def new_template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database on the server with the schema and the packaged catalogue, to be copied for each test."""
    home, name = tmp_path_factory.mktemp("new") / "home", cluster.new_database()
    settings = load({"HOME": str(home.parent), "TOKENTUI_HOME": str(home), "TOKENTUI_DB": cluster.url(name)})
    context = Context(open_database(settings.database_url), settings, ALICE, environ={})
    catalog.seed(context)
    context.close()
    return name


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the program makes it, with the packaged catalogue: made once, and copied for each test."""
    home = tmp_path_factory.mktemp("new") / "home"
    settings = load({"HOME": str(home.parent), "TOKENTUI_HOME": str(home)})
    make_home(settings)
    context = Context(open_database(settings.database_url), settings, ALICE, environ={})
    catalog.seed(context)
    context.close()
    return home / "tokens.db"


@pytest.fixture
def open_as(settings: Settings, clock: FrozenClock, new_database: Path) -> Iterator[Callable[..., Context]]:
    """Opens the test's database again, as another process would: `open_as(actor, **options of open_database)`."""
    opened: list[Context] = []

    def open_one(actor: Actor = ALICE, **options: object) -> Context:
        make_home(settings)
        if not settings.database and not (settings.home / "tokens.db").exists():
            shutil.copy(new_database, settings.home)
        database = open_database(settings.database_url, **options)  # type: ignore[arg-type]
        context = Context(database, settings, actor, clock=clock, zone=ZONE, environ={})
        catalog.seed(context)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def context(open_as: Callable[..., Context]) -> Context:
    """Alice at 10.0.0.5 in Berlin, on an empty database with the packaged catalogue."""
    return open_as()


@dataclass(frozen=True)
class Samples:
    """A home with sample tokens; in a database of the server, where it has a name."""

    home: Path
    database: str


@pytest.fixture(scope="session")
def samples(on_server: bool, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """40 tokens and 90 days of responses: made once, and copied for each test."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if on_server else None
    return _make_samples(cluster, tmp_path_factory.mktemp("sample"), 40, days=90)


@pytest.fixture(scope="session")
def long_samples(on_server: bool, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """300 tokens, which are several pages, and a week of responses."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if on_server else None
    return _make_samples(cluster, tmp_path_factory.mktemp("long"), 300, days=7)


def _make_samples(cluster: Cluster | None, place: Path, tokens: int, *, days: int) -> Samples:
    environ = {"HOME": str(place), "TOKENTUI_HOME": str(place / "home")}
    name = ""
    if cluster is not None:
        name = cluster.new_database()
        environ["TOKENTUI_DB"] = cluster.url(name)
    settings = load(environ)
    make_home(settings)
    context = Context(
        open_database(settings.database_url), settings, Actor("alice"), clock=FrozenClock(), zone=ZONE, environ={}
    )
    catalog.seed(context)
    demo.build(context, tokens=tokens, days=days)
    _note_backup(context)
    context.close()
    return Samples(settings.home, name)


def _note_backup(context: Context) -> None:
    """So that no screen reminds of one; past the service, whose entry would be the newest of the audit."""
    check_value = context.vault().check_value()
    with context.database.write() as session:
        session.add(Meta(name=BACKED_UP, value=check_value))
        session.commit()


@pytest.fixture
def sample(samples: Samples, settings: Settings, open_as: Callable[..., Context]) -> Context:
    """A context on a copy of it: 40 tokens with statistics."""
    shutil.copytree(samples.home, settings.home)
    return open_as()


@pytest.fixture
def long_list(long_samples: Samples, settings: Settings, open_as: Callable[..., Context]) -> Context:
    """A context on a copy of it: 300 tokens with statistics."""
    shutil.copytree(long_samples.home, settings.home)
    return open_as()
