"""`tokentui audit`: who did what when, as a table or as JSON."""

from __future__ import annotations

import click

from tokentui import audit, validation
from tokentui.cli.audit_check import check_audit
from tokentui.cli.completing import complete_ids
from tokentui.cli.messages import say
from tokentui.cli.output import json_option, print_json
from tokentui.cli.state import State
from tokentui.cli.table import Cell, Column, print_table
from tokentui.clock import utc_text
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.records import AuditRecord
from tokentui.ui import wording
from tokentui.ui.audit_words import actor_words, changes_in_a_line

COLUMNS = (
    Column("WHEN"),
    Column("WHO", least=12),
    Column("WHAT", least=8),
    Column("TOKEN"),
    Column("CHANGES", least=12, rank=1),
)


@click.command()
@click.argument("token_id", metavar="[ID]", required=False, shell_complete=complete_ids())
@click.option("--limit", type=click.IntRange(min=1), help="At most so many of the newest.")
@click.option("--check", "checks", is_flag=True, help="Check that no entry was changed, removed, inserted or cut off.")
@click.option("--accept", is_flag=True, help="With --check: after a backup was restored, take the record as it stands.")
@json_option
@click.pass_obj
def audit_command(
    state: State, token_id: str | None, limit: int | None, checks: bool, accept: bool, as_json: bool
) -> int:
    """Who did what when, the newest first; of one token or of all.

    --check compares the chain of entries, and the newest that an earlier check noted in the home; exits with 1 where
    the record was tampered with, and says which entries.

    \b
    tokentui audit SU-631-646-036 --json
    tokentui audit --check
    """
    if checks:
        if token_id is not None or limit is not None:
            raise UsageError("--check reads the whole audit", "leave ID and --limit out")
        return check_audit(state, accept=accept, as_json=as_json)
    if accept:
        raise UsageError("--accept goes with --check")
    number = None if token_id is None else validation.token_id(token_id)
    entries = audit.entries(state.context, number, limit=limit)
    if as_json:
        print_json([_json(entry) for entry in entries])
        return 0
    rows = (
        [
            Cell(wording.exact(entry.at, state.context.zone)),
            Cell(actor_words(entry)),
            Cell(entry.action),
            Cell(format_id(entry.token_id) if entry.token_id is not None else "—"),
            Cell(wording.damage_text(entry.damaged) if entry.damaged else changes_in_a_line(entry)),
        ]
        for entry in entries
    )
    if not print_table(COLUMNS, rows):
        say("Nothing is recorded")
    return 0


def _json(entry: AuditRecord) -> dict[str, object]:
    return {
        "at": utc_text(entry.at),
        "actor": entry.actor,
        "origin": entry.origin,
        "action": entry.action,
        "token": None if entry.token_id is None else format_id(entry.token_id),
        "changes": {name: list(pair) for name, pair in entry.changes.items()},
        **({"damaged": list(entry.damaged)} if entry.damaged else {}),
    }
