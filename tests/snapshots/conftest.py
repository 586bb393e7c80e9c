"""The sample database, built once and copied for each picture; and pictures of one state at every size."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.factories import FrozenClock
from tests.screens.conftest import settle
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


SIZES = ((80, 24), (120, 40), (180, 50))
Pictures = Callable[..., Awaitable[None]]


@pytest.fixture
def pictures(snapshot: SnapshotAssertion, tmp_path: Path) -> Pictures:
    """Compares what a pilot's app shows with the pictures that were looked at: `await pictures(pilot)`.

    The state is reached once, in the smallest terminal, which is then made larger: that a screen follows is seen too.
    """
    kept = snapshot.use_extension(SVGImageExtension)

    async def compare(pilot: Pilot[None], *, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
        other: list[str] = []
        for width, height in sizes:
            if pilot.app.size != (width, height):
                await pilot.resize_terminal(width, height)
            await settle(pilot)
            for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
                field.cursor_blink = False
            picture = pilot.app.export_screenshot(title="tokentui", simplify=True)
            if kept(name=f"{width}x{height}") != picture:
                file = tmp_path / f"{width}x{height}.svg"
                file.write_text(picture, encoding="utf-8")
                other.append(str(file))
        assert not other, f"other pictures than those kept: look at {', '.join(other)}, then `make snapshots`"

    return compare
