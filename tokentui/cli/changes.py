"""`tokentui enable`, `disable`, `delete`, `restore`, `purge` and `tidy`: what is done to many tokens at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from tokentui import validation
from tokentui.cli.completing import complete_filter, complete_ids
from tokentui.cli.failures import reporting
from tokentui.cli.messages import say, say_error
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.passphrase import unlock
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import Action, BulkResult, Plan, Status, TokenRecord
from tokentui.tokens import bulk
from tokentui.tokens.policy_check import unused_tokens
from tokentui.tokens.states import OFFERED_FOR
from tokentui.ui import wording
from tokentui.ui.bulk_wording import DONE, sums, tokens
from tokentui.ui.text import fit, safe_text

_MOST_NAMED = 10
"""Tokens that a preview and the line for a result that can't be written name one by one."""

_NAME_CELLS = 32

_yes = click.option("--yes", is_flag=True, help="Don't ask.")


def _selecting(action: Action) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The arguments that say which tokens: IDs or a filter."""

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.pass_obj,
            json_option,
            _yes,
            click.option(
                "--filter",
                "query",
                metavar="QUERY",
                shell_complete=complete_filter,
                help="All that match, in place of IDs; shows them and asks first.",
            ),
            click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=complete_ids(action)),
        ):
            command = option(command)
        return command

    return with_options


@click.command()
@_selecting(Action.ENABLE)
def enable_command(state: State, /, **given: Any) -> int:
    """Let disabled tokens work again; all of them or none.

    \b
    tokentui enable SU-631-646-036
    """
    return _change(state, Action.ENABLE, **given)


@click.command()
@_selecting(Action.DISABLE)
def disable_command(state: State, /, **given: Any) -> int:
    """Stop tokens until they are enabled; all of them or none.

    \b
    tokentui disable SU-631-646-036 SU-160-984-311
    tokentui disable --filter "by:mallory created:<7d"
    """
    return _change(state, Action.DISABLE, **given)


@click.command()
@_selecting(Action.DELETE)
def delete_command(state: State, /, **given: Any) -> int:
    """Delete tokens; they stop at once and can be restored. All of them or none.

    \b
    tokentui delete SU-631-646-036
    tokentui delete --filter "status:expired unused:>90d"
    """
    return _change(state, Action.DELETE, **given)


@click.command()
@_selecting(Action.RESTORE)
def restore_command(state: State, /, **given: Any) -> int:
    """Bring deleted tokens back; all of them or none.

    \b
    tokentui restore SU-631-646-036
    """
    return _change(state, Action.RESTORE, **given)


@click.command()
@click.option("--older-than", metavar="TIME", help="Only those deleted longer ago, such as 90d.")
@_yes
@json_option
@click.pass_obj
def purge_command(state: State, older_than: str | None, yes: bool, as_json: bool) -> int:
    """Remove deleted tokens for good; their audit stays.

    \b
    tokentui purge --older-than 90d --yes
    """
    age = None if older_than is None else validation.duration(older_than, field="older-than")
    numbers = bulk.purge_candidates(state.context, age)
    if not numbers and not as_json:
        print_line("Nothing to purge")
        return 0
    _confirm(state.context, bulk.plan(state.context, Action.PURGE, numbers), yes=yes)
    return _apply(state.context, Action.PURGE, numbers, as_json=as_json)


@click.command()
@click.option("--unused", metavar="TIME", help="Not used for longer than this.  [default: max_unused of the settings]")
@click.option("--dry-run", is_flag=True, help="Only say which; disable none.")
@_yes
@json_option
@click.pass_obj
def tidy_command(state: State, unused: str | None, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Disable the tokens that nobody uses any more; shows them and asks first.

    These are tokens that work and that `tokentui list "unused:>90d"` shows, but not what was enabled or restored in
    that time.

    \b
    tokentui tidy --unused 90d --dry-run
    """
    context = state.context
    age = state.settings.max_unused if unused is None else validation.duration(unused, field="unused")
    if not age:
        raise UsageError("say how long a token may be unused", "--unused 90d, or max_unused in the settings")
    plan = bulk.plan(context, Action.DISABLE, unused_tokens(context, age))
    if dry_run:
        _tell(context, plan, as_json=as_json)
        return 0
    if not plan.tokens and not as_json:
        print_line("Nothing to tidy")
        return 0
    _confirm(context, plan, yes=yes)
    # What was used while somebody read the preview stays.
    still = set(unused_tokens(context, age))
    numbers = [token.id for token in plan.tokens if token.id in still]
    return _apply(context, Action.DISABLE, numbers, as_json=as_json)


def _tell(context: Context, plan: Plan, *, as_json: bool) -> None:
    """What would be done, every token by its ID, on standard output."""
    if as_json:
        print_json({"planned": [token.label for token in plan.tokens], "done": [], "refused": []})
        return
    for token in plan.tokens:
        print_line(f"{token.label} would be {DONE[plan.action]}")
    if not plan.tokens:
        print_line("Nothing to tidy")


def _change(state: State, action: Action, *, ids: Sequence[str], query: str | None, yes: bool, as_json: bool) -> int:
    """Changes the tokens of the IDs (all or none), or those that the filter matches and the action allows."""
    if bool(ids) == (query is not None):
        raise UsageError("say which tokens: IDs, or --filter", f"see `tokentui {action} --help`")
    context = state.context
    if query is None:
        numbers: Sequence[int] = [validation.token_id(text) for text in ids]
        plan = bulk.plan(context, action, numbers)
        if action is Action.DELETE and not plan.refused:
            _confirm(context, plan, yes=yes)
    else:
        plan = bulk.plan(context, action, [token.id for token in _matching(context, action, query)])
        numbers = [token.id for token in plan.tokens]
        if not plan.tokens:
            say(f"No token matches that can be {DONE[action]}")
        _confirm(context, plan, yes=yes)
    return _apply(context, action, numbers, as_json=as_json)


def _matching(context: Context, action: Action, query: str) -> Iterator[TokenRecord]:
    """The tokens of a filter that have a status which the action is for."""
    statuses = tuple(status for status in Status if status in OFFERED_FOR[action])
    return pages.stream(context, ListSpec(query, statuses, Sort(SortField.ID)))


def _confirm(context: Context, plan: Plan, *, yes: bool) -> None:
    """Asks on a terminal, naming the tokens; without one, `--yes` is needed. Raises click's Abort for a no."""
    if yes or not plan.tokens:
        return
    require_somebody_to_ask(plan.action)
    verb = plan.action.capitalize()
    if len(plan.tokens) == 1 and not plan.refused:
        token = plan.tokens[0]
        question = f"{verb} {safe_text(token.name)} ({token.label})?"
    else:
        _show(context, plan)
        question = f"{verb} {tokens(len(plan.tokens))}?"
    click.confirm(question, abort=True, err=True)


def require_somebody_to_ask(action: Action) -> None:
    """Raises UsageError without a terminal: `--yes` is needed there."""
    if not sys.stdin.isatty():
        raise UsageError(f"{action} needs --yes where nobody can be asked", "look first, then say --yes")


def _show(context: Context, plan: Plan) -> None:
    now = context.now()
    say(sums(plan, now, context.zone))
    never = now.replace(year=1)
    recent = sorted(plan.tokens, key=lambda token: token.last_used_at or never, reverse=True)
    for token in recent[:_MOST_NAMED]:
        used = "never used" if token.last_used_at is None else f"used {wording.relative(token.last_used_at, now)}"
        say(f"  {token.label}  {fit(safe_text(token.name), _NAME_CELLS)}  {used}")
    if len(recent) > _MOST_NAMED:
        say(f"  and {wording.thousands(len(recent) - _MOST_NAMED)} more")


def _apply(context: Context, action: Action, numbers: Sequence[int], *, as_json: bool) -> int:
    unlock(context)
    result = bulk.apply(context, action, numbers)
    labels = [format_id(token_id) for token_id in result.done]
    with reporting(f"{_enumerated(labels)} {DONE[action]}", "the audit has it"):
        if as_json:
            print_json(_json(result))
        else:
            for label in labels:
                print_line(f"{label} {DONE[action]}")
    for refusal in result.refused:
        label = format_id(refusal.id)
        say_error(refusal.reason if label in refusal.reason else f"{label}: {refusal.reason}")
    return 1 if result.refused else 0


def _enumerated(labels: Sequence[str]) -> str:
    if not labels:
        return "none was"
    more = f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""
    return f"{', '.join(labels[:_MOST_NAMED])}{more} {'was' if len(labels) == 1 else 'were'}"


def _json(result: BulkResult) -> dict[str, object]:
    return {
        "done": [format_id(token_id) for token_id in result.done],
        "refused": [{"id": format_id(refusal.id), "reason": refusal.reason} for refusal in result.refused],
    }
