"""rotate, renew, stop-old, enable, disable, delete, restore, purge."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tokentui import validation
from tokentui.cli.failures import reporting
from tokentui.cli.issued import print_issued, token_object
from tokentui.cli.messages import say, say_error
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.state import State
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.records import Action, BulkResult
from tokentui.tokens import bulk, secrets
from tokentui.ui.text import safe_text

_PAST = {
    Action.ENABLE: "enabled",
    Action.DISABLE: "disabled",
    Action.DELETE: "deleted",
    Action.RESTORE: "restored",
    Action.PURGE: "purged",
}
_MOST_NAMED = 10
"""IDs in the line that tells what was done where the result can't be written."""

_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True)
_yes = click.option("--yes", is_flag=True, help="Don't ask.")


@click.command()
@click.argument("token_id", metavar="ID")
@click.option(
    "--overlap", default="0", metavar="TIME", help="How long the old key still works: 15m, 1h, 24h.  [default: 0]"
)
@click.option("--expires", metavar="WHEN", help="A new expiry; it is kept otherwise.")
@json_option
@click.pass_obj
def rotate_command(state: State, token_id: str, overlap: str, expires: str | None, as_json: bool) -> None:
    """A new secret now; the old one stops at once or after an overlap.

    \b
    tokentui rotate SU-631-646-036 --overlap 1h
    """
    context = state.context
    number = validation.token_id(token_id)
    new_expiry = (
        secrets.Keep.EXPIRY if expires is None else validation.when(expires, now=context.now(), zone=context.zone)
    )
    wait = validation.duration(overlap, field="overlap")
    issued = secrets.rotate_token(context, number, overlap=wait, expires=new_expiry)
    print_issued(context, issued, as_json=as_json, did="rotated", previous=True)


@click.command()
@click.argument("token_id", metavar="ID")
@click.option("--expires", required=True, metavar="WHEN", help="30d, 2026-12-31, never.")
@click.option("--keep-key", is_flag=True, help="Leave the secret as it is.")
@json_option
@click.pass_obj
def renew_command(state: State, token_id: str, expires: str, keep_key: bool, as_json: bool) -> None:
    """A new expiry and a new secret; the old one works until its old expiry.

    \b
    tokentui renew SU-631-646-036 --expires 90d
    """
    context = state.context
    number = validation.token_id(token_id)
    moment = validation.when(expires, now=context.now(), zone=context.zone)
    issued = secrets.renew_token(context, number, expires_at=moment, keep_key=keep_key)
    print_issued(context, issued, as_json=as_json, did="renewed", previous=True)


@click.command("stop-old")
@click.argument("token_id", metavar="ID")
@json_option
@click.pass_obj
def stop_old_command(state: State, token_id: str, as_json: bool) -> None:
    """End an overlap now: the old key stops, the current one works on.

    \b
    tokentui stop-old SU-631-646-036
    """
    token = secrets.stop_old(state.context, validation.token_id(token_id))
    with reporting(f"the old key of {token.label} was stopped", "its current key works on"):
        if as_json:
            print_json(token_object(state.context, token))
        else:
            say(f"The old key of {token.label} {safe_text(token.name)} has stopped")


@click.command()
@_ids
@json_option
@click.pass_obj
def enable_command(state: State, ids: tuple[str, ...], as_json: bool) -> int:
    """Let disabled tokens work again; all of them or none."""
    return _apply(state, Action.ENABLE, _numbers(ids), as_json)


@click.command()
@_ids
@json_option
@click.pass_obj
def disable_command(state: State, ids: tuple[str, ...], as_json: bool) -> int:
    """Stop tokens until they are enabled; all of them or none."""
    return _apply(state, Action.DISABLE, _numbers(ids), as_json)


@click.command()
@_ids
@_yes
@json_option
@click.pass_obj
def delete_command(state: State, ids: tuple[str, ...], yes: bool, as_json: bool) -> int:
    """Delete tokens; they stop at once and can be restored. All of them or none."""
    numbers = _numbers(ids)
    _confirm(state, Action.DELETE, numbers, yes)
    return _apply(state, Action.DELETE, numbers, as_json)


@click.command()
@_ids
@json_option
@click.pass_obj
def restore_command(state: State, ids: tuple[str, ...], as_json: bool) -> int:
    """Bring deleted tokens back; all of them or none."""
    return _apply(state, Action.RESTORE, _numbers(ids), as_json)


@click.command()
@click.option("--older-than", metavar="TIME", help="Only those deleted longer ago, such as 90d.")
@_yes
@json_option
@click.pass_obj
def purge_command(state: State, older_than: str | None, yes: bool, as_json: bool) -> int:
    """Remove deleted tokens for good; their audit stays."""
    age = None if older_than is None else validation.duration(older_than, field="older-than")
    numbers = bulk.purge_candidates(state.context, age)
    if numbers:
        _confirm(state, Action.PURGE, numbers, yes)
    elif not as_json:
        print_line("Nothing to purge")
        return 0
    return _apply(state, Action.PURGE, numbers, as_json)


def _numbers(ids: Sequence[str]) -> list[int]:
    return [validation.token_id(text) for text in ids]


def _confirm(state: State, action: Action, numbers: Sequence[int], yes: bool) -> None:
    """Asks on a terminal, naming the tokens; without one, `--yes` is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{action} needs --yes where nobody can be asked", "look first, then say --yes")
    for token in bulk.plan(state.context, action, numbers).tokens:
        say(f"{token.label}  {safe_text(token.name)}")
    click.confirm(f"{action.capitalize()} {len(numbers)}?", abort=True, err=True)


def _apply(state: State, action: Action, numbers: Sequence[int], as_json: bool) -> int:
    outcome = bulk.apply(state.context, action, numbers)
    labels = [format_id(token_id) for token_id in outcome.done]
    with reporting(f"{_enumerated(labels)} {_PAST[action]}", "the audit has it"):
        if as_json:
            print_json(_json(outcome))
        else:
            for label in labels:
                print_line(f"{label} {_PAST[action]}")
    for refusal in outcome.refused:
        reason = (
            refusal.reason if format_id(refusal.id) in refusal.reason else f"{format_id(refusal.id)}: {refusal.reason}"
        )
        say_error(safe_text(reason))
    return 1 if outcome.refused else 0


def _enumerated(labels: Sequence[str]) -> str:
    if not labels:
        return "none was"
    more = f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""
    return f"{', '.join(labels[:_MOST_NAMED])}{more} {'was' if len(labels) == 1 else 'were'}"


def _json(outcome: BulkResult) -> dict[str, object]:
    return {
        "done": [format_id(token_id) for token_id in outcome.done],
        "refused": [{"id": format_id(refusal.id), "reason": refusal.reason} for refusal in outcome.refused],
    }
