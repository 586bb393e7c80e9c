"""How commands print: lines, aligned columns and JSON, safe on any terminal whatever the database holds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from tokentui.cli.colour import Ink, paint
from tokentui.cli.streams import output_is_utf8
from tokentui.ui.text import escape_json, json_text, safe_text

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_line(text: str = "") -> None:
    """A line, or several, on standard output; what would move or colour the terminal is replaced by a sign."""
    sys.stdout.write(f"{safe_text(text, lines=True)}\n")


def print_spans(spans: Iterable[tuple[str, Ink | None]]) -> None:
    """A line of texts, each in its colour; spaces at its end are left out."""
    shown = [(safe_text(text), ink) for text, ink in spans]
    while shown and not shown[-1][0].strip():
        shown.pop()
    if shown:
        text, ink = shown.pop()
        shown.append((text.rstrip(), ink))
    sys.stdout.write("".join(paint(text, ink) for text, ink in shown) + "\n")


def print_json(value: Any) -> None:
    """One JSON value, indented."""
    print_json_line(json_text(value, indent=2))


def print_json_line(text: str) -> None:
    """A JSON text; characters that standard output lacks are escaped, so that none is lost."""
    sys.stdout.write(f"{escape_json(text, ascii_only=not output_is_utf8())}\n")


def print_json_array(values: Iterable[Any]) -> None:
    """An array, written as its items come."""
    first = True
    for value in values:
        sys.stdout.write("[\n" if first else ",\n")
        sys.stdout.write(escape_json(f"  {json_text(value)}", ascii_only=not output_is_utf8()))
        first = False
    sys.stdout.write("[]\n" if first else "\n]\n")


def print_json_object(values: Mapping[str, Any], arrays: Mapping[str, Iterable[Any]]) -> None:
    """An object of values and then arrays, written as the arrays' items come."""
    parts = [f"  {json_text(name)}: {json_text(value)}" for name, value in values.items()]
    sys.stdout.write("{\n" + "".join(f"{part},\n" for part in parts))
    for position, (name, items) in enumerate(arrays.items()):
        sys.stdout.write(f",\n  {json_text(name)}: [" if position else f"  {json_text(name)}: [")
        for number, item in enumerate(items):
            text = escape_json(json_text(item), ascii_only=not output_is_utf8())
            sys.stdout.write(f",\n    {text}" if number else f"\n    {text}")
        sys.stdout.write("]")
    sys.stdout.write("\n}\n")


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """A name and a value a line."""
    for name, value in fields:
        print_line(f"{name:<14}{safe_text(value)}")
