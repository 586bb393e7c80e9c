"""The sample database, built once and copied for each picture."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.factories import FrozenClock
from tokentui import catalog, demo
from tokentui.context import Actor, Context, make_home
from tokentui.database.database import open_database
from tokentui.settings import Settings, load


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 40 sample tokens."""
    place = tmp_path_factory.mktemp("sample")
    settings = load({"HOME": str(place), "TOKENTUI_HOME": str(place / "home")})
    make_home(settings)
    zone = ZoneInfo("Europe/Berlin")
    context = Context(
        open_database(settings.database_url), settings, Actor("alice"), clock=FrozenClock(), zone=zone, environ={}
    )
    catalog.seed(context)
    demo.build(context)
    context.close()
    return settings.home


@pytest.fixture
def sample(sample_home: Path, settings: Settings, open_as: Callable[..., Context]) -> Context:
    """A context on a copy of it."""
    shutil.copytree(sample_home, settings.home)
    return open_as()
