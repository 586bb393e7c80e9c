"""`tokentui list`: tokens as a table, IDs, JSON or CSV."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

import click

from tokentui.cli import token_columns
from tokentui.cli.completing import complete_columns, complete_filter, complete_sort
from tokentui.cli.messages import say
from tokentui.cli.output import print_json_array, print_line
from tokentui.cli.state import State
from tokentui.cli.table import Cell, print_table
from tokentui.cli.token_columns import Shown, TokenColumn
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import Status
from tokentui.tokens import export

_SORT_FIELDS = " ".join(SortField)


class OutputForm(StrEnum):
    """In which form the list is printed."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    CSV = "csv"


@click.command()
@click.argument("words", metavar="[WORD]...", nargs=-1, shell_complete=complete_filter)
@click.option(
    "--filter",
    "query",
    default="",
    metavar="QUERY",
    shell_complete=complete_filter,
    help="Such as `status:expiring ext:zapier -unused:>90d`; goes together with words.",
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in Status]),
    help="Only this status; repeated: or.",
)
@click.option("--all", "include_deleted", is_flag=True, help="Deleted tokens too.")
@click.option(
    "--sort",
    default=str(Sort().field),
    show_default=True,
    metavar="FIELD",
    shell_complete=complete_sort,
    help=f"One of {_SORT_FIELDS}; -FIELD is descending.",
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most so many.")
@click.option(
    "--columns",
    metavar="A,B",
    shell_complete=complete_columns,
    help=f"These columns, in this order: {', '.join(token_columns.BY_NAME)}.",
)
@click.option("-q", "--quiet", "ids_only", is_flag=True, help="IDs alone, a line each.")
@click.option(
    "-o", "--output", "form", type=click.Choice([form.value for form in OutputForm]), help="The form.  [default: table]"
)
@click.option("--json", "as_json", is_flag=True, help="Short for -o json.")
@click.option("--csv", "as_csv", is_flag=True, help="Short for -o csv.")
@click.pass_obj
def list_command(
    state: State,
    words: tuple[str, ...],
    query: str,
    statuses: tuple[str, ...],
    include_deleted: bool,
    sort: str,
    limit: int | None,
    columns: str | None,
    ids_only: bool,
    form: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tokens, filtered and sorted; deleted ones only where they are asked for.

    A table fits the terminal, where columns are left out and names are cut; into a pipe goes all of it. A word that
    begins with `-` stands behind `--`, as in `tokentui list -- "-unused:>90d"`.

    \b
    tokentui list zapier --status expiring --status expired
    tokentui list --filter "expires:<7d" --sort -last-used -o json
    tokentui list --columns name,owner,expires
    tokentui list -q "unused:>90d" | xargs -r tokentui disable
    """
    chosen = token_columns.parse(columns) if columns is not None else None
    printed_as = _form(form, as_json=as_json, as_csv=as_csv)
    if ids_only and (printed_as is not None or chosen is not None):
        raise UsageError("-q prints IDs alone", "leave it out, or -o and --columns")
    narrowed = " ".join((*words, query)).strip()
    spec = ListSpec(narrowed, tuple(Status(status) for status in statuses), Sort.parse(sort), include_deleted)
    context = state.context
    if ids_only:
        any_token = _print_ids(context, spec, limit)
    elif printed_as is OutputForm.JSON:
        _print_json(context, spec, limit, chosen)
        return
    elif printed_as is OutputForm.CSV:
        keys = export.COLUMNS if chosen is None else tuple(column.key for column in chosen)
        sys.stdout.writelines(export.csv_lines(context, spec, limit=limit, columns=keys))
        return
    else:
        shown = chosen or (token_columns.WIDE if printed_as is OutputForm.WIDE else token_columns.TABLE)
        headings = [column.column for column in shown]
        if chosen:  # what was asked for by name is never left out
            headings = [replace(heading, rank=0) for heading in headings]
        any_token = print_table(headings, _rows(context, spec, limit, shown))
    if not any_token and limit != 0:
        hint = "" if narrowed or statuses else ": `tokentui create` makes one, --all shows deleted ones"
        say(f"No token matches{hint}")


def _form(form: str | None, *, as_json: bool, as_csv: bool) -> OutputForm | None:
    """The one form that is asked for; None where none is."""
    asked = {OutputForm(form)} if form else set()
    asked |= {OutputForm.JSON} if as_json else set()
    asked |= {OutputForm.CSV} if as_csv else set()
    if len(asked) > 1:
        raise UsageError(f"choose one of {' and '.join(sorted(asked))}", "-o names the form")
    return asked.pop() if asked else None


def _print_ids(context: Context, spec: ListSpec, limit: int | None) -> bool:
    any_token = False
    for token in pages.stream(context, spec, limit=limit):
        print_line(token.label)
        any_token = True
    return any_token


def _print_json(context: Context, spec: ListSpec, limit: int | None, columns: tuple[TokenColumn, ...] | None) -> None:
    tokens = export.with_figures(context, pages.stream(context, spec, limit=limit))
    whole = (export.token_json(token, figures) for token, figures in tokens)
    if columns is None:
        print_json_array(whole)
    else:
        print_json_array({column.key: token[column.key] for column in columns} for token in whole)


def _rows(
    context: Context, spec: ListSpec, limit: int | None, columns: tuple[TokenColumn, ...]
) -> Iterator[list[Cell]]:
    """A row a token; responses are counted only for a column that shows them."""
    now, zone = context.now(), context.zone
    tokens = pages.stream(context, spec, limit=limit)
    if any(column.name == "requests" for column in columns):
        for token, figures in export.with_figures(context, tokens):
            yield token_columns.cells(columns, Shown(token, figures.requests_30d, now, zone))
    else:
        for token in tokens:
            yield token_columns.cells(columns, Shown(token, 0, now, zone))
