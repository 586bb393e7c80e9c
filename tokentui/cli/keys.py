"""`tokentui key`, `rotate`, `renew` and `stop-old`: what has to do with the key of one token."""

from __future__ import annotations

import click

from tokentui import validation
from tokentui.cli.completing import complete_ids
from tokentui.cli.failures import reporting
from tokentui.cli.issued import print_issued, to_option, token_object
from tokentui.cli.messages import say
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.passphrase import unlock
from tokentui.cli.state import State
from tokentui.crypto.key_format import format_id
from tokentui.crypto.recipient import Recipient
from tokentui.records import Action
from tokentui.tokens import reads, secrets


@click.command()
@click.argument("token_id", metavar="ID", shell_complete=complete_ids(Action.REVEAL))
@click.option("--header", is_flag=True, help="The whole Authorization line.")
@to_option
@json_option
@click.pass_obj
def key_command(state: State, token_id: str, header: bool, recipient: Recipient | None, as_json: bool) -> None:
    """Print a token's key; recorded in the audit.

    \b
    tokentui key SU-631-646-036 --header | curl -H @- https://api.example/agreements/
    tokentui key SU-631-646-036 --to age1… > key.age    # the recipient runs: age -d -i IDENTITY key.age
    """
    context = state.context
    number = validation.token_id(token_id)
    if recipient is None:
        revealed = secrets.reveal_keys(context, number)
    else:
        revealed = secrets.reveal_keys(context, number, purpose="hand-over", recipient=recipient.name)
    key = revealed[0].key
    text = key.header if header else key.text
    with reporting(f"the key of {format_id(number)} was opened", holds_key=True):
        if as_json:
            shown = {**token_object(context, reads.get_token(context, number)), "key": key.text}
            if recipient is not None:
                shown |= {"key": None, "sealed_key": recipient.seal(text)}
            print_json(shown)
        else:
            print_line(text if recipient is None else recipient.seal(text))


@click.command()
@click.argument("token_id", metavar="ID", shell_complete=complete_ids(Action.ROTATE))
@click.option(
    "--overlap", default="0", metavar="TIME", help="How long the old key still works: 15m, 1h, 24h.  [default: 0]"
)
@click.option("--expires", metavar="WHEN", help="A new expiry; it is kept otherwise.")
@to_option
@json_option
@click.pass_obj
def rotate_command(
    state: State, token_id: str, overlap: str, expires: str | None, recipient: Recipient | None, as_json: bool
) -> None:
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
    print_issued(context, issued, as_json=as_json, did="rotated", previous=True, recipient=recipient)


@click.command()
@click.argument("token_id", metavar="ID", shell_complete=complete_ids(Action.RENEW))
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
@click.argument("token_id", metavar="ID", shell_complete=complete_ids(Action.ROTATE))
@json_option
@click.pass_obj
def stop_old_command(state: State, token_id: str, as_json: bool) -> None:
    """End an overlap now: the old key stops, the current one works on.

    \b
    tokentui stop-old SU-631-646-036
    """
    unlock(state.context)
    token = secrets.stop_old(state.context, validation.token_id(token_id))
    with reporting(f"the old key of {token.label} was stopped", "its current key works on"):
        if as_json:
            print_json(token_object(state.context, token))
        else:
            say(f"The old key of {token.label} {token.name} has stopped")
