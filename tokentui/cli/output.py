"""How results are printed: JSON, aligned columns, and a key alone on the last line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.records import Issued, TokenRecord
from tokentui.tokens import export
from tokentui.ui import wording
from tokentui.ui.text import cell_width, safe_text

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: Any) -> None:
    """One JSON value, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_array(values: Iterable[Any]) -> None:
    """An array, written as its items come."""
    first = True
    for value in values:
        click.echo("[" if first else ",")
        click.echo("  " + json.dumps(value, ensure_ascii=False), nl=False)
        first = False
    click.echo("[]" if first else "\n]")


def print_columns(heading: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
    """Aligned columns; each width is the least, and the last column is as long as it is."""
    _columns(heading, widths)
    for row in rows:
        _columns(row, widths)


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """A name and a value a line."""
    for name, value in fields:
        click.echo(f"{name:<14}{value}")


def token_object(context: Context, token: TokenRecord) -> dict[str, Any]:
    """A token as JSON shows it."""
    ((_, requests),) = export.with_requests(context, [token])
    return export.token_json(token, requests)


def print_issued(context: Context, issued: Issued, *, as_json: bool, did: str, previous: bool = False) -> None:
    """A token whose key was just made: JSON, or what was done and then the key alone on the last line."""
    if as_json:
        shown = token_object(context, issued.token)
        shown["key"] = issued.key.text if issued.key else None
        if previous:
            shown["previous_stops_at"] = utc_text(issued.previous_stops_at)
        print_json(shown)
        return
    token = issued.token
    expires = wording.exact(token.expires_at, context.zone)
    click.echo(f"{did} {token.label} {safe_text(token.name)}, expires {expires}")
    if issued.previous_stops_at is not None:
        click.echo(f"The key before works until {wording.exact(issued.previous_stops_at, context.zone)}")
    elif previous and issued.key is not None:
        click.echo("The key before has stopped")
    if issued.key is not None:
        click.echo(issued.key.text)


def warn_of_same_name(other: TokenRecord | None) -> None:
    """Says on standard error that another token has the same name, where there is one."""
    if other is not None:
        click.echo(f"tokentui: warning: {wording.same_name_text(other)}", err=True)


def _columns(row: Sequence[str], widths: Sequence[int]) -> None:
    cells = [cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths, strict=True)]
    click.echo("  ".join(cells).rstrip())
