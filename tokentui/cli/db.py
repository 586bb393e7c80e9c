"""`tokentui db`: upgrades, checks, backs up, restores and copies the database."""

from __future__ import annotations

import os
import sys

import click

from tokentui import migrations
from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.state import State, refuse_password
from tokentui.context import current_actor, make_home
from tokentui.database.database import open_database, rebuild_derived, upgrade_schema
from tokentui.operations import backup as backups
from tokentui.operations import check as checks
from tokentui.operations import copy as copies
from tokentui.operations.check import Finding
from tokentui.operations.copy import CopyProgress
from tokentui.ui.files import file_path
from tokentui.ui.text import safe_text


@click.group()
def db_command() -> None:
    """Upgrade, check, back up, restore or copy the database.

    \b
    tokentui db backup tokens-2026-11-24.db
    """


@db_command.command()
@click.option("--rebuild", is_flag=True, help="Make the counts by status and the search index anew.")
@json_option
@click.pass_obj
def upgrade(state: State, rebuild: bool, as_json: bool) -> None:
    """Bring the schema to this version of the program.

    \b
    tokentui db upgrade
    tokentui db upgrade --rebuild    # where `tokentui db check` says so
    """
    settings = state.settings
    if not settings.database and not settings.read_only:
        make_home(settings)
    database = open_database(
        settings.database_url,
        read_only=settings.read_only,
        busy_timeout=settings.busy_timeout,
        upgrade=False,
    )
    try:
        before = upgrade_schema(database)
        if rebuild:
            rebuild_derived(database)
    finally:
        database.close()
    if as_json:
        print_json({"from": before or None, "to": migrations.HEAD})
    elif before == migrations.HEAD:
        print_line(f"Schema {migrations.HEAD} already")
    else:
        print_line(f"Schema {before or 'none'} → {migrations.HEAD}")


@db_command.command()
@json_option
@click.pass_obj
def check(state: State, as_json: bool) -> int:
    """Check that the file is whole and that every secret opens.

    \b
    tokentui db check --json
    """
    return print_findings(list(checks.check(state.context)), as_json=as_json)


@db_command.command()
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@json_option
@click.pass_obj
def backup(state: State, file: str, as_json: bool) -> None:
    """Copy the database to a new file while others write. The master key is a file of its own: copy it too.

    \b
    tokentui db backup tokens-2026-11-24.db
    """
    target = file_path(file)
    backups.backup(state.context, target)
    with reporting(f"{target} was written"):
        if as_json:
            print_json({"file": str(target), "bytes": target.stat().st_size})
        else:
            print_line(f"{safe_text(str(target))} written; the master key is not in it")


@db_command.command()
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@json_option
@click.pass_obj
def restore(state: State, file: str, as_json: bool) -> None:
    """Put a backup in place of the database, also of a missing or damaged one; what was there is kept beside it.

    The backup is checked first. Running apps and gates go on with what it holds. Never copy a file over a database:
    what stands in its -wal would be written over the copy.

    \b
    tokentui db restore tokens-2026-11-24.db
    """
    source = file_path(file)
    if backups.is_unusable(state.settings):
        restored = backups.restore_unusable(state.settings, source, current_actor(), os.environ)
    else:
        restored = backups.restore(state.context, source)
    kept = f"; what was there is kept in {restored.kept}" if restored.kept else ""
    with reporting(f"{source} was restored{kept}"):
        if as_json:
            kept_json = str(restored.kept) if restored.kept else None
            print_json({"file": str(source), "kept": kept_json, "schema": restored.schema})
        else:
            print_line(safe_text(f"{source} restored{kept}"))


@db_command.command("copy")
@click.argument("source", metavar="FROM", shell_complete=complete_file)
@click.argument("target", metavar="TO", shell_complete=complete_file)
@json_option
@click.pass_obj
def copy_command(state: State, source: str, target: str, as_json: bool) -> None:
    """Copy everything into a database that holds no tokens, from a file to a server or the other way.

    The two are compared at the end; one that is stopped in the middle has left nothing. The master key is a file of its
    own: copy it too. No password in the URLs: libpq reads it from the file that PGPASSFILE names.

    \b
    tokentui db copy tokens.db postgresql://tokentui@db.example.com/tokens
    """
    for name in (source, target):
        refuse_password(name)
    timeout = state.settings.busy_timeout
    opened = [open_database(source, busy_timeout=timeout, upgrade=False)]
    try:
        opened.append(open_database(target, busy_timeout=timeout))
        with click.progressbar(length=1, label="Copying", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

            def advance(progress: CopyProgress) -> None:
                bar.length = progress.total
                bar.update(progress.done - bar.pos)

            rows = copies.copy(opened[0], opened[1], advance)
        with reporting(f"{opened[0].name} was copied to {opened[1].name}"):
            if as_json:
                print_json({"from": opened[0].name, "to": opened[1].name, "rows": rows})
            else:
                print_line(f"{sum(rows.values())} rows copied and compared, {rows['tokens']} tokens among them")
    finally:
        for database in opened:
            database.close()


def print_findings(findings: list[Finding], *, as_json: bool) -> int:
    """Findings, a line each; 1 where one is not well."""
    if as_json:
        print_json(
            {"ok": all(finding.ok for finding in findings), "findings": [_json(finding) for finding in findings]}
        )
    else:
        for finding in findings:
            remedy = f": {finding.remedy}" if finding.remedy else ""
            print_line(f"{'ok' if finding.ok else 'NOT OK':<8}{finding.check:<12}{safe_text(finding.message + remedy)}")
    return 0 if all(finding.ok for finding in findings) else 1


def _json(finding: Finding) -> dict[str, object]:
    return {"check": finding.check, "ok": finding.ok, "message": finding.message, "remedy": finding.remedy or None}
