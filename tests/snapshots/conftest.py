"""Pictures of one state at every size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.screens.conftest import settle

SIZES = ((80, 24), (120, 40))
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
