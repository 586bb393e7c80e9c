"""A context on a real SQLite file in a directory of its own, with a clock that stands still."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings as property_settings

from tests.factories import FrozenClock
from tokentui import catalog, demo
from tokentui.context import Actor, Context, make_home
from tokentui.database.database import open_database
from tokentui.settings import Settings, load

ZONE = ZoneInfo("Europe/Berlin")
ALICE = Actor("alice", "10.0.0.5")

# How long an example takes depends on what else the machine does.
property_settings.register_profile("without a deadline", deadline=None)
property_settings.load_profile("without a deadline")

# Each app that is started leaves cycles behind; Python would look for them, among all modules too, many times a test.
gc.set_threshold(100_000, 20, 50)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings, the home or the terminal of whoever runs it."""
    for name in (
        "TOKENTUI_DB", "TOKENTUI_HOME", "TOKENTUI_CONFIG", "TOKENTUI_MASTER_KEY", "TOKENTUI_MASTER_KEY_FILE",
        "TOKENTUI_VERIFY_KEY_FILE",
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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, with a home in the test's own directory."""
    return load({"HOME": str(tmp_path), "TOKENTUI_HOME": str(tmp_path / "home")})


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
        if not (settings.home / "tokens.db").exists():
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


def _demo_home(place: Path, tokens: int, *, days: int) -> Path:
    settings = load({"HOME": str(place), "TOKENTUI_HOME": str(place / "home")})
    make_home(settings)
    context = Context(
        open_database(settings.database_url), settings, Actor("alice"), clock=FrozenClock(), zone=ZONE, environ={}
    )
    catalog.seed(context)
    demo.build(context, tokens=tokens, days=days)
    context.close()
    return settings.home


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 40 sample tokens."""
    return _demo_home(tmp_path_factory.mktemp("sample"), 40, days=90)


@pytest.fixture(scope="session")
def long_list_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 300 sample tokens, which are several pages, and a week of responses."""
    return _demo_home(tmp_path_factory.mktemp("long"), 300, days=7)


@pytest.fixture
def sample(sample_home: Path, settings: Settings, open_as: Callable[..., Context]) -> Context:
    """A context on a copy of it: 40 tokens with statistics."""
    shutil.copytree(sample_home, settings.home)
    return open_as()


@pytest.fixture
def long_list(long_list_home: Path, settings: Settings, open_as: Callable[..., Context]) -> Context:
    """A context on a copy of it: 300 tokens with statistics."""
    shutil.copytree(long_list_home, settings.home)
    return open_as()
