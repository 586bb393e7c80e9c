"""Texts that are escapes or markup, put wherever anyone may have written one, and what must not be drawn of them."""

from __future__ import annotations

import html
import re
import sqlite3
from collections import defaultdict
from contextlib import closing

from textual.app import App

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
