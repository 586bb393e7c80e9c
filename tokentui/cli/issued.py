"""How commands show a token, and how they hand out a key: at once, before anything else can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from tokentui.cli.failures import reporting
from tokentui.cli.messages import say_warning
from tokentui.cli.output import print_json, print_line
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto import recipient as recipients
from tokentui.crypto.recipient import Recipient
from tokentui.records import Issued, TokenRecord
from tokentui.tokens import export, secrets
from tokentui.ui import wording
from tokentui.ui.text import safe_text


def token_object(context: Context, token: TokenRecord) -> dict[str, Any]:
    """A token as JSON shows it."""
    ((_, figures),) = export.with_figures(context, [token])
    return export.token_json(token, figures)


def to_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--to`, whose value is a `Recipient`, to a command that hands out a key."""
    return click.option(
        "--to", "recipient", metavar="RECIPIENT", callback=_recipient, help="Seal the key to an age or SSH public key."
    )(function)


def _recipient(context: click.Context, option: click.Parameter, value: str | None) -> Recipient | None:
    return None if value is None else recipients.parse(value)


def print_issued(
    context: Context,
    issued: Issued,
    *,
    as_json: bool,
    did: str,
    previous: bool = False,
    recipient: Recipient | None = None,
) -> None:
    """A token whose key was just made: JSON, or what was done and then the key alone on the last line.

    With a `recipient` the key is sealed to that one, in lines of its own, and shown to nobody else.

    `did` is the verb, such as `made`; with `previous`, what becomes of the key before is said too. Raises
    ResultNotWritten, which names the token, where standard output doesn't take it.
    """
    label = issued.token.label
    again = f"see its key with `tokentui key {label}`"
    if not context.settings.reveal:
        again = f"rotate it for another key with `tokentui rotate {label}`"
    with reporting(f"{label} was {did}", again, holds_key=issued.key is not None):
        if as_json:
            shown = token_object(context, issued.token)
            shown["key"] = issued.key.text if issued.key and recipient is None else None
            if recipient is not None:
                shown["sealed_key"] = _text(context, issued, recipient)
            if previous:
                shown["previous_stops_at"] = utc_text(issued.previous_stops_at)
            print_json(shown)
        else:
            print_line("\n".join(_lines(context, issued, did, previous, recipient)))


def warn_of_same_name(other: TokenRecord | None) -> None:
    """Says on standard error that another token has the same name, where there is one."""
    if other is not None:
        say_warning(wording.same_name_text(other))


def _text(context: Context, issued: Issued, recipient: Recipient | None) -> str | None:
    """The key in clear, or sealed; the audit says to whom."""
    if issued.key is None or recipient is None:
        return issued.key.text if issued.key else None
    secrets.record_hand_over(context, issued.token.id, recipient.name)
    return recipient.seal(issued.key.text)


def _lines(context: Context, issued: Issued, did: str, previous: bool, recipient: Recipient | None) -> Iterator[str]:
    token = issued.token
    expires = wording.exact(token.expires_at, context.zone)
    yield f"{did.capitalize()} {token.label} {safe_text(token.name)}, expires {expires}"
    if issued.previous_stops_at is not None:
        yield f"The key before works until {wording.exact(issued.previous_stops_at, context.zone)}"
    elif previous and issued.key is not None:
        yield "The key before has stopped"
    if (text := _text(context, issued, recipient)) is not None:
        yield text
