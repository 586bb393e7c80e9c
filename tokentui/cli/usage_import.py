"""`tokentui usage import`: counts the lines of an access log."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.messages import say
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.state import State
from tokentui.cli.stopping import stopped_by_signals
from tokentui.context import Context
from tokentui.errors import DatabaseLocked, TokentuiError, UsageError
from tokentui.ui import wording
from tokentui.usage import retention
from tokentui.usage.access_log import files, ingest
from tokentui.usage.access_log.files import Batch
from tokentui.usage.retention import HourlyTidy


@click.group()
def usage_command() -> None:
    """Count responses from an access log.

    \b
    tokentui usage import /var/log/nginx/tokentui.log
    """


@usage_command.command("import")
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@click.option(
    "--format",
    type=click.Choice(["nginx-json"]),
    default="nginx-json",
    expose_value=False,
    help="The format of the lines.",
)
@click.option("--follow", "-f", is_flag=True, help="Go on with the lines that come, also after a rotation.")
@json_option
@click.pass_obj
def import_command(state: State, file: str, follow: bool, as_json: bool) -> None:
    """Count the responses of an access log, each line once.

    A line that was counted before, from this file, another or live, is not counted again. `-` is standard input.

    \b
    tokentui usage import /var/log/nginx/tokentui.log --format nginx-json
    zcat tokentui.log.*.gz | tokentui usage import - --format nginx-json
    """
    context = state.context
    result = ingest.IngestResult()
    if follow:
        if file == "-":
            raise UsageError("standard input is followed anyway", "leave --follow out")
        stop, tidy = stopped_by_signals(), HourlyTidy(context)
        for batch in files.follow(Path(file), stop):
            _ingest_when_possible(context, batch, result, stop)
            tidy.when_due()
    else:
        for batch in _batches(file):
            ingest.ingest(context, batch, result)
    nothing = result.unreadable and result.unreadable == result.lines
    if not (nothing and as_json):  # an error is an object of its own
        with reporting(f"{_many(result.counted, 'response')} were counted"):
            _print(result, as_json=as_json)
    if result.counted:
        retention.tidy(context)  # where only this counts, nobody else does
    if nothing:
        line, reason = result.bad[0]
        hint = f"line {line}: {reason}; docs/gate.md shows nginx's log_format"
        raise TokentuiError(f"no line of {_name(file)} could be read", hint)


def _batches(file: str) -> Iterator[Batch]:
    if file == "-":
        yield from files.read(sys.stdin.buffer, "standard input")  # type: ignore[arg-type]
        return
    with files.open_log(Path(file)) as stream:
        yield from files.read(stream, file)  # type: ignore[arg-type]


def _ingest_when_possible(context: Context, batch: Batch, result: ingest.IngestResult, stop: threading.Event) -> None:
    """Waits for as long as another process holds the database; gives up only when it is to stop."""
    while batch:
        try:
            ingest.ingest(context, batch, result)
            return
        except DatabaseLocked:
            if stop.is_set():
                raise


def _print(result: ingest.IngestResult, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "counted": result.counted,
                "tokens": len(result.tokens),
                "ahead": result.ahead,
                "known": result.duplicates,
                "without_token": result.without_token,
                "unknown_token": result.unknown_token,
                "closed": result.closed,
                "unreadable": result.unreadable,
                "bad": [{"line": number, "reason": reason} for number, reason in result.bad],
            }
        )
        return
    print_line(f"{_many(result.counted, 'response')} of {_many(len(result.tokens), 'token')} counted")
    for number, text in (
        (result.ahead, "ahead of this clock, counted now"),
        (result.duplicates, "counted before"),
        (result.without_token, "of requests without a valid key"),
        (result.unknown_token, "of tokens that are not here"),
        (result.closed, "of hours that are closed (`log_memory`)"),
        (result.unreadable, "not readable"),
    ):
        if number:
            print_line(f"{_many(number, 'line')} {text}")
    for line, reason in result.bad:
        say(f"line {line}: {reason}")


def _many(number: int, what: str) -> str:
    return f"{wording.thousands(number)} {what}{'' if number == 1 else 's'}"


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
