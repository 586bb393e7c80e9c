"""`tokentui import`: tokens from JSON lines, with the keys that they have elsewhere."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click

from tokentui import imports
from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.messages import say, say_error, say_warning
from tokentui.cli.output import json_option, print_json_object, print_line
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.imports import RefusedLine, Stage
from tokentui.imports.prepare import SHORT_KEY
from tokentui.ui import wording
from tokentui.ui.bulk_wording import tokens


@click.command()
@click.argument("file", metavar="FILE|-", shell_complete=complete_file)
@click.option("--skip-bad", is_flag=True, help="Leave out the lines that can't be tokens; otherwise none is imported.")
@click.option("--dry-run", is_flag=True, help="Only check the lines; write nothing.")
@json_option
@click.pass_obj
def import_command(state: State, file: str, skip_bad: bool, dry_run: bool, as_json: bool) -> int:
    """Bring in tokens from JSON lines, with the keys that their clients have; all of them or none.

    A line has a `name`, and `key` in clear or `sha256`, the hex digest of the key: then it can't be shown. A key may be
    any text of up to 512 printable characters. Without either, as `export` writes it, the token gets its key by
    `tokentui rotate`. Other fields are those of `export`.

    \b
    tokentui import tokens.jsonl --dry-run
    tokentui --db old.db export | tokentui import -
    """
    with Stage() as stage:
        _prepare(state.context, file, stage, dry_run=dry_run)
        writes = not dry_run and (skip_bad or not stage.bad)
        if writes and stage.tokens:
            _load(state.context, stage)
        with reporting(f"{tokens(stage.tokens)} were imported" if writes else "nothing was imported"):
            if as_json:
                _print_json(stage, written=writes)
            else:
                print_line(_summary(stage, written=writes, dry_run=dry_run))
        _warn(stage)
        return 1 if stage.bad and not skip_bad else 0


def _prepare(context: Context, file: str, stage: Stage, *, dry_run: bool) -> None:
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb") as stream:
            imports.prepare(context, stream, stage, dry_run=dry_run, tell=_tell)
    except (OSError, ValueError) as error:  # ValueError: a name that can't be a file's
        name = "standard input" if file == "-" else file
        raise UsageError(f"{name} can't be read", getattr(error, "strerror", None) or str(error)) from None


def _load(context: Context, stage: Stage) -> None:
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=stage.tokens, label="Importing", file=sys.stderr, hidden=hidden) as bar:
        imports.load(context, stage, lambda done: bar.update(done - bar.pos))


def _tell(bad: RefusedLine) -> None:
    say_error(f"line {bad.number}: {bad.reason}")


def _summary(stage: Stage, *, written: bool, dry_run: bool) -> str:
    bad = f"{wording.thousands(stage.bad)} bad {'line' if stage.bad == 1 else 'lines'}"
    if written:
        imported = tokens(stage.tokens) if stage.tokens else "no token"
        return f"Imported {imported}" + (f", left out {bad}" if stage.bad else "")
    if dry_run:
        return f"{tokens(stage.tokens)} could be imported" + (f"; {bad}" if stage.bad else "")
    return f"Imported nothing: {bad}; --skip-bad leaves them out"


def _warn(stage: Stage) -> None:
    if stage.by_sha256:
        say(f"{tokens(stage.by_sha256)} by SHA-256: their keys can't be shown")
    if stage.without_key:
        say(f"{tokens(stage.without_key)} without a key: `tokentui rotate ID` makes one")
    if stage.short_keys:
        say_warning(f"{tokens(stage.short_keys)} with a key of less than {SHORT_KEY} characters, which can be guessed")


def _print_json(stage: Stage, *, written: bool) -> None:
    """As other commands for many; `tokens` is how many could be imported, `done` is empty where none was."""
    ids = (format_id(token_id) for token_id in stage.ids()) if written else iter(())
    refused = ({"line": bad.number, "reason": bad.reason} for bad in stage.bad_lines())
    print_json_object({"tokens": stage.tokens}, {"done": ids, "refused": refused})
