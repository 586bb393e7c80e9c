"""`tokentui audit`: who did what when, as a table, as JSON or as CSV."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import click

from tokentui import audit, validation
from tokentui.audit import AuditFilter, parse_filter
from tokentui.cli.audit_check import check_audit
from tokentui.cli.audit_follow import follow
from tokentui.cli.completing import complete_ids
from tokentui.cli.messages import say
from tokentui.cli.output import json_option, print_json_array
from tokentui.cli.state import State
from tokentui.cli.table import Cell, Column, print_table
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.operations.audit_export import csv_lines
from tokentui.records import AuditRecord
from tokentui.ui import wording
from tokentui.ui.audit_words import actor_words, changes_or_damage, token_words

COLUMNS = (
    Column("WHEN"),
    Column("WHO", least=12),
    Column("WHAT", least=8),
    Column("TOKEN"),
    Column("CHANGES", least=12, rank=1),
)


@click.command()
@click.argument("token_id", metavar="[ID]", required=False, shell_complete=complete_ids())
@click.option("--filter", "query", metavar="QUERY", default="", help="actor: action: token: since: until: and words.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many of the newest.")
@click.option("--check", "checks", is_flag=True, help="Check that no entry was changed, removed, inserted or cut off.")
@click.option("--accept", is_flag=True, help="With --check: after a backup was restored, take the record as it stands.")
@click.option(
    "--follow", "-f", "follows", is_flag=True, help="Go on with the entries that come; --json has one a line."
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_obj
def audit_command(
    state: State,
    token_id: str | None,
    query: str,
    limit: int | None,
    checks: bool,
    accept: bool,
    follows: bool,
    as_json: bool,
    as_csv: bool,
) -> int:
    """Who did what when, the newest first; of one token or of all.

    --check compares the chain of entries, and the newest that an earlier check noted in the home; exits with 1 where
    the record was tampered with, and says which entries.

    \b
    tokentui audit SU-631-646-036 --json
    tokentui audit --filter "actor:alice action:rotate,renew since:30d"
    tokentui audit --follow --filter "action:reveal,copy"
    tokentui audit --check
    """
    if checks:
        if token_id is not None or query or limit is not None or as_csv or follows:
            raise UsageError("--check reads the whole audit", "leave ID, --filter, --limit, --csv and --follow out")
        return check_audit(state, accept=accept, as_json=as_json)
    if accept:
        raise UsageError("--accept goes with --check")
    if as_json and as_csv:
        raise UsageError("choose one of --json and --csv")
    if follows and as_csv:
        raise UsageError("--follow prints lines, or with --json objects", "leave --csv out")
    context = state.context
    wanted = parse_filter(query, context.now(), context.zone)
    if token_id is not None:
        if wanted.token_id is not None:
            raise UsageError("ID and token: name a token each", "leave one out")
        wanted = replace(wanted, token_id=validation.token_id(token_id))
    if follows:
        follow(context, wanted, limit, as_json=as_json)
    else:
        _print(context, wanted, limit, as_json=as_json, as_csv=as_csv)
    return 0


def _print(context: Context, wanted: AuditFilter, limit: int | None, *, as_json: bool, as_csv: bool) -> None:
    if as_csv:
        header = 1
        for line in islice(csv_lines(context, wanted), None if limit is None else limit + header):
            sys.stdout.write(line)
        return
    entries = islice(audit.stream(context, wanted), limit)
    if as_json:
        print_json_array(audit.entry_json(entry) for entry in entries)
    elif not print_table(COLUMNS, _rows(context, entries)):
        say("Nothing is recorded" if wanted == AuditFilter() else "No entry matches")


def _rows(context: Context, entries: Iterator[AuditRecord]) -> Iterator[list[Cell]]:
    for entry in entries:
        yield [
            Cell(wording.exact(entry.at, context.zone)),
            Cell(actor_words(entry)),
            Cell(entry.action),
            Cell(token_words(entry)),
            Cell(changes_or_damage(entry)),
        ]
