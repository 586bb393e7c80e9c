"""`tokentui show`, `create`, `edit` and `export`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import click

from tokentui import validation
from tokentui.cli.completing import complete_extensions, complete_filter, complete_ids, complete_modules
from tokentui.cli.failures import reporting
from tokentui.cli.issued import print_issued, to_option, token_object, warn_of_same_name
from tokentui.cli.output import (
    json_option,
    print_fields,
    print_json,
    print_json_line,
    print_line,
)
from tokentui.cli.passphrase import unlock
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.crypto.recipient import Recipient
from tokentui.errors import UsageError
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import Action, NewToken, TokenChanges, TokenRecord
from tokentui.tokens import export, reads
from tokentui.tokens.create import create_token
from tokentui.tokens.edit import edit_token
from tokentui.tokens.policy import default_expiry
from tokentui.ui import wording
from tokentui.ui.text import safe_text

_all_modules_option = click.option("--all-modules", is_flag=True, help="Every module, also those to come.")


def _module_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--module", "modules", multiple=True, metavar="SLUG", shell_complete=complete_modules, help=help_text
    )


@click.command()
@click.argument("token_id", metavar="ID", shell_complete=complete_ids())
@json_option
@click.pass_obj
def show_command(state: State, token_id: str, as_json: bool) -> None:
    """One token.

    \b
    tokentui show SU-631-646-036
    """
    context = state.context
    token = reads.get_token(context, validation.token_id(token_id))
    if as_json:
        print_json(token_object(context, token))
    else:
        print_fields(_details(context, token))


@click.command()
@click.option("--name", required=True, help="1 to 128 characters.")
@click.option("--external-id", help="An identifier of your own.")
@click.option("--description", default="", help="At most 255 characters.")
@click.option("--owner", default="", help="Who answers for it: a name, a team or an address.")
@click.option(
    "--extension",
    default="custom",
    show_default=True,
    metavar="SLUG",
    shell_complete=complete_extensions,
    help="What the token is for.",
)
@click.option("--expires", metavar="WHEN", help="30d, 12h, 2026-12-31, 2026-12-31T12:00Z or never.  [default: 30d]")
@_all_modules_option
@_module_option("A module that it may use; repeatable.")
@click.option("--allow-network", "networks", multiple=True, metavar="CIDR", help="Only from here; repeatable.")
@to_option
@json_option
@click.pass_obj
def create_command(
    state: State,
    /,
    expires: str | None,
    networks: tuple[str, ...],
    recipient: Recipient | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """Make a token and print its key.

    \b
    tokentui create --name "Nightly upload" --module usage --module products --expires 90d
    tokentui create --name "Nightly upload" --module usage --to "$(cat bob.pub)"    # nobody but Bob sees the key
    """
    context = state.context
    if expires is None:
        expires_at: datetime | None = default_expiry(state.settings, context.now())
    else:
        expires_at = validation.when(expires, now=context.now(), zone=context.zone)
    allowed = tuple(network for network in networks if network)
    issued = create_token(context, NewToken(expires_at=expires_at, networks=allowed, **fields))
    print_issued(context, issued, as_json=as_json, did="made", recipient=recipient)
    warn_of_same_name(issued.same_name)


@click.command()
@click.argument("token_id", metavar="ID", shell_complete=complete_ids(Action.EDIT))
@click.option("--name", help="1 to 128 characters.")
@click.option("--external-id", help="An identifier of your own; '' clears it.")
@click.option("--description", help="At most 255 characters.")
@click.option("--owner", help="Who answers for it; '' clears it.")
@_all_modules_option
@_module_option("The modules that it may use from now on.")
@click.option("--allow-network", "networks", multiple=True, metavar="CIDR", help="Only from here; '' clears.")
@json_option
@click.pass_obj
def edit_command(
    state: State,
    /,
    token_id: str,
    all_modules: bool,
    modules: tuple[str, ...],
    networks: tuple[str, ...],
    as_json: bool,
    **fields: Any,
) -> None:
    """New properties and permissions; the secret stays.

    \b
    tokentui edit SU-631-646-036 --name "Nightly upload" --module usage
    """
    number = validation.token_id(token_id)
    permission: dict[str, Any] = {}
    if all_modules or modules:
        permission = {"all_modules": all_modules, "modules": modules}
    if networks:
        permission["networks"] = tuple(network for network in networks if network)
    changes = TokenChanges(**fields, **permission)
    if changes == TokenChanges():
        raise UsageError("nothing to change", "see `tokentui edit --help`")
    unlock(state.context)
    token = edit_token(state.context, number, changes)
    with reporting(f"{token.label} was changed", f"see it with `tokentui show {token.label}`"):
        if as_json:
            print_json(token_object(state.context, token))
        else:
            print_line(f"Changed {token.label} {safe_text(token.name)}")
    if changes.name is not None:
        warn_of_same_name(reads.find_same_name(state.context, token.name, other_than=token.id))


@click.command()
@click.option(
    "--filter", "query", default="", metavar="QUERY", shell_complete=complete_filter, help="Only what matches."
)
@click.pass_obj
def export_command(state: State, query: str) -> None:
    """Tokens as JSON lines, without their keys.

    \b
    tokentui export --filter "-status:deleted" > tokens.jsonl
    """
    for line in export.json_lines(state.context, ListSpec(query, sort=Sort(SortField.ID), include_deleted=True)):
        print_json_line(line.rstrip("\n"))


def _details(context: Context, token: TokenRecord) -> Iterator[tuple[str, str]]:
    now, zone = context.now(), context.zone
    yield "ID", token.label
    yield "Name", safe_text(token.name)
    yield "Status", wording.token_status_text(token)
    if token.damaged:
        yield "Damaged", f"{wording.damage_text(token.damaged)} (run `tokentui db check`)"
    yield "External ID", safe_text(token.external_id or "—")
    yield "Description", safe_text(token.description.replace("\n", " / ") or "—")
    yield "Owner", safe_text(token.owner or "—")
    yield "Extension", wording.extension_text(token)
    yield "Permissions", "all modules" if token.all_modules else ", ".join(token.modules)
    if token.networks:
        yield "Networks", ", ".join(token.networks)
    yield "Expires", f"{wording.exact(token.expires_at, zone)} ({wording.relative(token.expires_at, now)})"
    used = wording.exact(token.last_used_at, zone)
    yield "Last used", f"{used} from {token.last_used_from}" if token.last_used_from else used
    yield "Created", f"{wording.exact(token.created_at, zone)} by {safe_text(token.created_by)}"
    yield "Updated", f"{wording.exact(token.updated_at, zone)} by {safe_text(token.updated_by)}"
    for secret in reads.list_secrets(context, token.id)[1:]:
        yield "Old key", f"works until {wording.exact(secret.stops_at, zone)}"
