"""The tables of README that are made from the program: `python -m tests.docs_tables` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tokentui.cli.main import cli
from tokentui.listing.fields import FIELDS
from tokentui.screens.command import Place
from tokentui.screens.commands import commands
from tokentui.screens.keys import KeyTable
from tokentui.settings import IN_FILE

README = Path(__file__).parent.parent / "README.md"


def keys() -> str:
    """Every key of the app, by place."""
    lines = ["| where | key | what it does |", "| --- | --- | --- |"]
    for place in Place:
        for command in commands(place):
            shown = KeyTable({}).shown(command.id).replace("|", "\\|")
            lines.append(f"| {place.value} | `{shown}` | {command.tooltip} |")
    return "\n".join(lines)


def cli_commands() -> str:
    """Every command with its first line of help."""
    import click

    lines = ["| command | what it does |", "| --- | --- |"]
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        lines.append(f"| `tokentui {name}` | {command.get_short_help_str(200)} |")
    return "\n".join(lines)


def filter_fields() -> str:
    """Every field of the filter."""
    lines = ["| such as | finds tokens by |", "| --- | --- |"]
    lines += [f"| `{field.example}` | {field.meaning} |" for field in FIELDS]
    return "\n".join(lines)


def settings() -> str:
    """Every key of the configuration."""
    lines = ["| key | meaning |", "| --- | --- |"]
    lines += [f"| `{item.name}` | {item.metadata['docs']} |" for item in IN_FILE]
    return "\n".join(lines)


TABLES = {"keys": keys, "commands": cli_commands, "filter": filter_fields, "settings": settings}


def _filled(table: Callable[[], str], match: re.Match[str]) -> str:
    return f"{match[1]}{table()}\n{match[2]}"


def filled(text: str) -> str:
    """README with each table as the program says it."""
    for name, table in TABLES.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert marked.search(text), name
        text = marked.sub(partial(_filled, table), text)
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
