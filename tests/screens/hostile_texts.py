"""Texts that are escapes or markup, put wherever anyone may have written one, and what must not be drawn of them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tokentui.context import Context

HOSTILE = "[red]qqx[/] [b]\x1b[31m\x9b31m\x07\r\u202eevil\u2066\x7f\u2028 寛 e\u0301 "
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
INTERPRETED = re.compile(r"(?<!\[red\])(?<!^)qqx", re.MULTILINE)
TEXTS = {
    "tokens": ("external_id", "description", "owner", "created_by", "updated_by", "last_used_from", "name"),
    "secrets": ("created_by",),
    "extensions": ("description", "name", "code"),
    "modules": ("name",),
    "module_paths": ("prefix",),
    "audit": ("actor", "origin", "action"),
}
CHANGES = '{"name": ["[red]qqx[/] \\u001b[31m", "\\u009b31m\\u202e"], "[b]\\u001b[2J": [null, "\\u2066"]}'


def poison(context: Context, columns: dict[str, tuple[str, ...]], times: int) -> None:
    """Puts it behind each text, so that the keys which lead by names still do."""
    place = context.database.url.database
    assert place is not None
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for table, names in columns.items():
            for name in names:
                connection.execute(f"UPDATE {table} SET {name} = coalesce({name}, '') || ?", (HOSTILE * times,))
        connection.execute("UPDATE audit SET changes = ?", (CHANGES,))


def drawn(app: App[None]) -> str:
    """The text of the cells, line by line."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    return "\n".join("".join(strip.text for strip in strips) for strips in update.strips)


class Witness(LineFilter):
    """Notes what one widget has drawn that a terminal obeys, before the app's own filter takes it out."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments as they are."""
        for segment in segments:
            if not segment.control and OBEYED.search(segment.text):
                unsafe_drawings.add(f"{self._widget!r} draws {segment.text!r}")
        return segments


unsafe_drawings: set[str] = set()
"""What widgets have drawn without `safe_text` since the test began."""


@pytest.fixture
def witnessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every widget has a witness; but an input draws what it holds, and the filter alone keeps that safe."""
    unsafe_drawings.clear()
    filters_of = Widget.get_line_filters

    def with_witness(widget: Widget) -> Sequence[LineFilter]:
        filters = filters_of(widget)
        return filters if isinstance(widget, (Input, TextArea)) else [Witness(widget), *filters]

    monkeypatch.setattr(Widget, "get_line_filters", with_witness)


def check(app: App[None]) -> str:
    """The text that is drawn, with nothing in it that a terminal obeys and no markup that was followed.

    Where the test is `witnessed`, nothing has been drawn either that the app's filter had to take out.
    """
    assert not unsafe_drawings
    text = drawn(app)
    assert not OBEYED.search(text), repr(text)
    assert not INTERPRETED.search(text), text
    return text
