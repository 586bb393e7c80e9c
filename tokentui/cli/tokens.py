"""list, show, create, edit, key, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from tokentui import validation
from tokentui.cli.failures import reporting
from tokentui.cli.issued import print_issued, token_object, warn_of_same_name
from tokentui.cli.output import (
    json_option,
    print_columns,
    print_fields,
    print_json,
    print_json_array,
    print_json_line,
    print_line,
)
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.records import NewToken, Status, TokenChanges, TokenRecord
from tokentui.tokens import export, reads
from tokentui.tokens.create import create_token
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import reveal_keys
from tokentui.ui import wording
from tokentui.ui.text import fit, safe_text

_FIELDS = " ".join(field.value for field in SortField)


@click.command()
@click.option(
    "--filter", "query", default="", metavar="QUERY", help="Such as `status:expiring ext:zapier -unused:>90d`."
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in Status]),
    help="Only this status; repeatable, which means or.",
)
@click.option("--all", "include_deleted", is_flag=True, help="Deleted tokens too.")
@click.option(
    "--sort", default="urgency", metavar="FIELD", help=f"One of {_FIELDS}; -FIELD is descending.  [default: urgency]"
)
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_obj
def list_command(
    state: State,
    query: str,
    statuses: tuple[str, ...],
    include_deleted: bool,
    sort: str,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tokens, filtered and sorted; deleted ones only by --all or --status deleted.

    \b
    tokentui list --filter "expires:<7d" --sort -last-used --json
    """
    if as_json and as_csv:
        raise UsageError("choose --json or --csv")
    context = state.context
    spec = ListSpec(query, tuple(map(Status, statuses)), Sort.parse(sort), include_deleted)
    if as_csv:
        for line in export.csv_lines(context, spec, limit=limit):
            sys.stdout.write(line)
        return
    tokens = pages.stream(context, spec, limit=limit)
    if as_json:
        print_json_array(export.token_json(token, figures) for token, figures in export.with_figures(context, tokens))
        return
    heading = ("ID", "NAME", "EXTENSION", "PERMISSIONS", "EXPIRES", "LAST USED", "STATUS")
    print_columns(heading, (_row(context, token) for token in tokens), (14, 28, 14, 11, 13, 13, 0))


@click.command()
@click.argument("token_id", metavar="ID")
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
@click.option("--extension", default="custom", show_default=True, metavar="SLUG", help="What the token is for.")
@click.option("--expires", metavar="WHEN", help="30d, 12h, 2026-12-31, 2026-12-31T12:00Z or never.  [default: 30d]")
@click.option("--all-modules", is_flag=True, help="Every module, also those to come.")
@click.option("--module", "modules", multiple=True, metavar="SLUG", help="A module that it may use; repeatable.")
@click.option("--allow-network", "networks", multiple=True, metavar="CIDR", help="Only from here; repeatable.")
@json_option
@click.pass_obj
def create_command(
    state: State, /, expires: str | None, networks: tuple[str, ...], as_json: bool, **fields: Any
) -> None:
    """Make a token and print its key.

    \b
    tokentui create --name "Nightly upload" --module usage --module products --expires 90d
    """
    context = state.context
    if expires is None:
        expires_at: datetime | None = context.now() + state.settings.default_lifetime
    else:
        expires_at = validation.when(expires, now=context.now(), zone=context.zone)
    allowed = tuple(network for network in networks if network)
    issued = create_token(context, NewToken(expires_at=expires_at, networks=allowed, **fields))
    print_issued(context, issued, as_json=as_json, did="made")
    warn_of_same_name(issued.same_name)


@click.command()
@click.argument("token_id", metavar="ID")
@click.option("--name", help="1 to 128 characters.")
@click.option("--external-id", help="An identifier of your own; '' clears it.")
@click.option("--description", help="At most 255 characters.")
@click.option("--owner", help="Who answers for it; '' clears it.")
@click.option("--all-modules", is_flag=True, help="Every module, also those to come.")
@click.option("--module", "modules", multiple=True, metavar="SLUG", help="The modules that it may use from now on.")
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
    token = edit_token(state.context, number, changes)
    with reporting(f"{token.label} was changed", f"see it with `tokentui show {token.label}`"):
        if as_json:
            print_json(token_object(state.context, token))
        else:
            print_line(f"Changed {token.label} {safe_text(token.name)}")
    if changes.name is not None:
        warn_of_same_name(reads.find_same_name(state.context, token.name, other_than=token.id))


@click.command()
@click.argument("token_id", metavar="ID")
@click.option("--header", is_flag=True, help="The whole Authorization line.")
@json_option
@click.pass_obj
def key_command(state: State, token_id: str, header: bool, as_json: bool) -> None:
    """Print a token's key; recorded in the audit.

    \b
    tokentui key SU-631-646-036 --header | curl -H @- https://api.example/agreements/
    """
    context = state.context
    number = validation.token_id(token_id)
    revealed = reveal_keys(context, number)
    key = revealed[0].key
    with reporting(f"the key of {format_id(number)} was opened", holds_key=True):
        if as_json:
            print_json({**token_object(context, reads.get_token(context, number)), "key": key.text})
        else:
            print_line(key.header if header else key.text)


@click.command()
@click.option("--filter", "query", default="", metavar="QUERY", help="Only what matches.")
@click.pass_obj
def export_command(state: State, query: str) -> None:
    """Tokens as JSON lines, without their keys.

    \b
    tokentui export --filter "-status:deleted" > tokens.jsonl
    """
    for line in export.json_lines(state.context, ListSpec(query, sort=Sort(SortField.ID), include_deleted=True)):
        print_json_line(line.rstrip("\n"))


def _row(context: Context, token: TokenRecord) -> tuple[str, ...]:
    now, zone = context.now(), context.zone
    return (
        token.label,
        fit(safe_text(token.name), 28),
        wording.extension_text(token),
        wording.permissions_text(token),
        wording.near(token.expires_at, now, zone),
        wording.near(token.last_used_at, now, zone),
        wording.status_text(token.status),
    )


def _details(context: Context, token: TokenRecord) -> Iterator[tuple[str, str]]:
    now, zone = context.now(), context.zone
    yield "ID", token.label
    yield "Name", safe_text(token.name)
    yield "Status", wording.status_text(token.status)
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
