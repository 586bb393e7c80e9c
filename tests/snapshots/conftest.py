"""Pictures of one state at every size."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from tests.screens.conftest import settle, wait_until
from tokentui.screens.tokens import preview
from tokentui.screens.tokens.preview import Preview
from tokentui.screens.tokens.screen import TokensScreen
from tokentui.screens.widgets.notice import Notice

SIZES = ((80, 24), (120, 40), (180, 50))
Pictures = Callable[..., Awaitable[None]]


@pytest.fixture(autouse=True)
def _still_and_unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changes with time, and only a picture is painted: that takes most of a walk's time otherwise."""
    monkeypatch.setattr(preview, "DELAY_S", 0.001)
    monkeypatch.setattr(App, "NOTIFICATION_TIMEOUT", 3600)
    refresh = Screen._compositor_refresh

    def refresh_unpainted(screen: Screen[Any]) -> None:
        if screen is not screen.app.screen:
            refresh(screen)
            return
        screen._dirty_widgets.clear()
        screen._compositor._dirty_regions.clear()
        screen.app._update_mouse_over(screen)

    monkeypatch.setattr(Screen, "_compositor_refresh", refresh_unpainted)


@pytest.fixture
def pictures(snapshot: SnapshotAssertion, tmp_path: Path) -> Pictures:
    """Compares what a pilot's app shows with the pictures that were looked at: `await pictures(pilot, state)`.

    The app is brought to each size, from the one that it has: that a screen follows is seen too.
    """
    kept = snapshot.use_extension(SVGImageExtension)

    async def compare(pilot: Pilot[None], state: str, *, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
        other: list[str] = []
        for width, height in sizes if pilot.app.size == sizes[0] else reversed(sizes):
            if pilot.app.size != (width, height):
                await pilot.resize_terminal(width, height)
                await wait_until(pilot, partial(has_size, pilot.app, (width, height)))
            await settle(pilot)
            await preview_shown(pilot)
            for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
                field.cursor_blink = False
            picture = with_whole_grounds(pilot.app.export_screenshot(title="tokentui", simplify=True))
            if kept(name=f"{state}-{width}x{height}") != picture:
                file = tmp_path / f"{state}-{width}x{height}.svg"
                file.write_text(picture, encoding="utf-8")
                other.append(str(file))
        pilot.app.clear_notifications()
        assert not other, f"other pictures than those kept: look at {', '.join(other)}, then `make snapshots`"

    return compare


_GROUND = re.compile(
    r'<rect fill="(?P<fill>[^"]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" '
    r'width="(?P<width>[\d.]+)" height="(?P<rest>[^>]+)>'
)


def with_whole_grounds(svg: str) -> str:
    """The picture with the grounds of neighbours in one piece where their colour is the same.

    Blank cells may be of two styles that look alike, by whichever widget was drawn last.
    """

    def rectangle(fill: str, x: float, y: str, width: float, rest: str) -> str:
        return f'<rect fill="{fill}" x="{x:g}" y="{y}" width="{width:g}" height="{rest}>'

    parts: list[str] = []
    last: tuple[str, float, str, float, str] | None = None
    place = 0
    for match in _GROUND.finditer(svg):
        fill, x, y, width, rest = match["fill"], float(match["x"]), match["y"], float(match["width"]), match["rest"]
        joins = last is not None and match.start() == place and (fill, y, rest) == (last[0], last[2], last[4])
        if joins and last is not None and abs(last[1] + last[3] - x) < 0.01:
            last = (fill, last[1], y, last[3] + width, rest)
        else:
            if last is not None:
                parts.append(rectangle(*last))
            parts.append(svg[place : match.start()])
            last = (fill, x, y, width, rest)
        place = match.end()
    if last is not None:
        parts.append(rectangle(*last))
    return "".join([*parts, svg[place:]])


def has_size(app: App[None], size: tuple[int, int]) -> bool:
    """Whether every screen that is seen has been laid out in it: beside a dialog, those underneath too."""
    for screen in reversed(app.screen_stack):
        if not screen.size == screen.region.size == size:
            return False
        if not screen.is_modal:
            break
    return True


async def preview_shown(pilot: Pilot[None]) -> None:
    """Waits until the pane beside the table, where there is one, is about the token under the cursor."""
    for screen in pilot.app.screen_stack:
        if isinstance(screen, TokensScreen):
            await wait_until(pilot, partial(is_preview_shown, screen))


def is_preview_shown(screen: TokensScreen) -> bool:
    """Whether it is about that token, or can't be, as the database can't be read."""
    pane = screen.query_one(Preview)
    if not pane.display or screen.query_one(Notice).display:
        return True
    return (pane.shown.token.id if pane.shown else None) == screen.table.token_id
