"""How commands show a token, and how they hand out a key: at once, before anything else can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokentui.cli.failures import reporting
from tokentui.cli.messages import say_warning
from tokentui.cli.output import print_json, print_line
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.records import Issued, TokenRecord
from tokentui.tokens import export
from tokentui.ui import wording
from tokentui.ui.text import safe_text


def token_object(context: Context, token: TokenRecord) -> dict[str, Any]:
    """A token as JSON shows it."""
    ((_, figures),) = export.with_figures(context, [token])
    return export.token_json(token, figures)


def print_issued(context: Context, issued: Issued, *, as_json: bool, did: str, previous: bool = False) -> None:
    """A token whose key was just made: JSON, or what was done and then the key alone on the last line.

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
            shown["key"] = issued.key.text if issued.key else None
            if previous:
                shown["previous_stops_at"] = utc_text(issued.previous_stops_at)
            print_json(shown)
        else:
            print_line("\n".join(_lines(context, issued, did, previous)))


def warn_of_same_name(other: TokenRecord | None) -> None:
    """Says on standard error that another token has the same name, where there is one."""
    if other is not None:
        say_warning(wording.same_name_text(other))


def _lines(context: Context, issued: Issued, did: str, previous: bool) -> Iterator[str]:
    token = issued.token
    expires = wording.exact(token.expires_at, context.zone)
    yield f"{did.capitalize()} {token.label} {safe_text(token.name)}, expires {expires}"
    if issued.previous_stops_at is not None:
        yield f"The key before works until {wording.exact(issued.previous_stops_at, context.zone)}"
    elif previous and issued.key is not None:
        yield "The key before has stopped"
    if issued.key is not None:
        yield issued.key.text
