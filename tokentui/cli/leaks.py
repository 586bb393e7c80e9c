"""`tokentui leaks`: finds keys in files, folders and standard input, and says which of them are live."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import IO

import click

from tokentui.cli.changes import require_somebody_to_ask
from tokentui.cli.completing import complete_file
from tokentui.cli.messages import say, say_error
from tokentui.cli.output import json_option, print_json, print_json_array, print_line
from tokentui.cli.state import State
from tokentui.errors import UsageError
from tokentui.leaks import rules
from tokentui.leaks.key_status import SeenKey, seen_keys
from tokentui.leaks.scan import STANDARD_INPUT, Match, Unread, scan
from tokentui.records import Action
from tokentui.tokens import bulk
from tokentui.tokens.find_key import imported_keys_number
from tokentui.ui import bulk_wording, wording

_MOST_DISABLED = 10_000
"""Tokens with live keys that `--disable` remembers; more are told of, and left."""


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, shell_complete=complete_file)
@click.option("--disable", is_flag=True, help="Disable the tokens of live keys at the end; asks first.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option(
    "--rules",
    "scanner",
    type=click.Choice(["gitleaks", "partner"]),
    help="Print the key format as a rule for another scanner, and search nothing.",
)
@json_option
@click.pass_obj
def leaks_command(
    state: State, paths: tuple[str, ...], disable: bool, yes: bool, scanner: str | None, as_json: bool
) -> int:
    """Find keys in files, in folders, and in standard input (`-`); exits with 1 where one of them is live.

    Prints `PATH:LINE ID status`, never a key. The status is the token's, `stopped` for a key that was replaced, or
    `unknown` where no such token is. Files of gzip are read as what they hold. Keys that were imported from another
    system are not looked for: nothing tells them from other text.

    \b
    tokentui leaks /var/log/nginx src
    git log -p --all | tokentui leaks -
    tokentui leaks --rules gitleaks > .gitleaks.toml
    """
    if scanner is not None:
        _print_rules(scanner)
        return 0
    if not paths:
        raise UsageError("say where to look: a file, a folder, or - for standard input")
    search = _Search(state)
    keys = search.keys(paths)
    if as_json:
        print_json_array(_object(seen) for seen in keys)
    else:
        for seen in keys:
            print_line(f"{_place(seen.path)}:{seen.line} {seen.label} {seen.status}")
    sys.stdout.flush()
    if number := imported_keys_number(state.context):
        say(f"{wording.thousands(number)} {'key' if number == 1 else 'keys'} of another system can't be looked for: "
            "nothing in them tells that they are keys")  # fmt: skip
    if search.live:
        _offer(state, list(search.live), disable=disable, yes=yes)
        return 1
    return 2 if search.unread else 0


class _Search:
    """What was seen so far: tokens with a live key, and whether a path could not be read."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.live: dict[int, None] = {}
        self.unread = False

    def keys(self, paths: tuple[str, ...]) -> Iterator[SeenKey]:
        """The keys below the paths; what can't be read is told on standard error."""
        for seen in seen_keys(self._state.context, self._matches(paths)):
            if seen.status.is_live and len(self.live) < _MOST_DISABLED:
                self.live[seen.token_id] = None
            yield seen

    def _matches(self, paths: tuple[str, ...]) -> Iterator[Match]:
        for match in scan(paths, _standard_input()):
            if isinstance(match, Unread):
                self.unread = True
                say_error(f"{match.path} can't be read: {match.reason}")
            else:
                yield match


def _standard_input() -> Callable[[], IO[bytes]]:
    return lambda: sys.stdin.buffer


def _place(path: str) -> str:
    return "(standard input)" if path == STANDARD_INPUT else path


def _object(seen: SeenKey) -> dict[str, object]:
    return {
        "path": seen.path,
        "line": seen.line,
        "id": seen.label,
        "status": seen.status.value,
        "live": seen.status.is_live,
    }


def _offer(state: State, live: list[int], *, disable: bool, yes: bool) -> None:
    """Disables the tokens of live keys where that is asked for; otherwise says how to."""
    plan = bulk.plan(state.context, Action.DISABLE, live)
    labels = [token.label for token in plan.tokens]
    if not disable:
        say(f"{bulk_wording.tokens(len(live))} with a live key: `tokentui disable {' '.join(labels[:5])}`"
            f"{' …' if len(labels) > 5 else ''} stops at once, `tokentui rotate ID` makes a new key")  # fmt: skip
        return
    if not yes:
        require_somebody_to_ask(Action.DISABLE)
        click.confirm(f"Disable {bulk_wording.tokens(len(labels))} ({', '.join(labels[:10])})?", abort=True, err=True)
    result = bulk.apply(state.context, Action.DISABLE, live, partial=True)
    say(f"{bulk_wording.tokens(len(result.done))} disabled")


def _print_rules(scanner: str) -> None:
    if scanner == "gitleaks":
        print_line(rules.gitleaks().rstrip())
    else:
        print_json(rules.partner_programme())
