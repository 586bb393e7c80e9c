"""The app on a database in which every text that anyone may have written is an escape or markup."""

from __future__ import annotations

import html
import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import Any

import pytest
from textual.app import App
from textual.screen import Screen

from tests.screens import conftest
from tests.screens.conftest import settle
from tests.screens.every_screen import PLACES
from tests.test_app import go
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.errors import Conflict
from tokentui.screens.dialogs import ChooseVersion, Confirm, MessageDialog

sample_app = conftest.sample_app

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
    lines: defaultdict[float, list[tuple[float, str]]] = defaultdict(list)
    for x, y, text in re.findall(r'<text[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', app.export_screenshot()):
        lines[float(y)].append((float(x), html.unescape(text).replace("\xa0", " ")))
    return "\n".join("".join(text for _, text in sorted(lines[y])) for y in sorted(lines))


def check(app: App[None]) -> str:
    """The text that is drawn, with nothing in it that a terminal obeys and no markup that was followed."""
    text = drawn(app)
    assert not OBEYED.search(text), repr(text)
    assert not INTERPRETED.search(text), text
    return text


@pytest.mark.parametrize("times", [1, 250], ids=["short", "ten thousand characters"])
@pytest.mark.parametrize("name", [name for name in PLACES if name != "conflict"])
async def test_no_screen_draws_what_a_terminal_obeys(sample_app: TokentuiApp, name: str, times: int) -> None:
    """Also where a text is longer than the program would have let it be."""
    poison(sample_app.context, TEXTS, times)
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await go(pilot, sample_app, PLACES[name])
        await settle(pilot)
        text = check(sample_app)
        assert name != "table" or "[red]qqx[/]" in text


async def test_no_dialog_draws_what_a_terminal_obeys(sample_app: TokentuiApp) -> None:
    """Those that say what others have written, in titles and lines."""
    dialogs: list[Screen[Any]] = [
        ChooseVersion(Conflict(HOSTILE, HOSTILE, {"name": (HOSTILE, HOSTILE), HOSTILE: (HOSTILE, "")})),
        Confirm(HOSTILE, (HOSTILE,), confirm="Yes"),
        MessageDialog(HOSTILE, (HOSTILE,)),
    ]
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for dialog in dialogs:
            await sample_app.push_screen(dialog)
            await settle(pilot)
            assert "[red]qqx[/]" in check(sample_app)


async def test_networks_that_are_none(sample_app: TokentuiApp) -> None:
    """The row cannot be read as the program wrote it: it is shown all the same, or said to be damaged."""
    poison(sample_app.context, {"tokens": ("networks",)}, 1)
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        check(sample_app)
        await pilot.press("enter")
        await settle(pilot)
        check(sample_app)
        assert sample_app.fault is None
