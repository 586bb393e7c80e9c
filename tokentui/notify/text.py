"""What a notice says in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tokentui.context import Context
from tokentui.ui import wording
from tokentui.ui.text import safe_text


def line(context: Context, content: dict[str, Any]) -> str:
    """`SU-631-646-036 Billing expires Tue 1 Dec 2026 09:30 UTC, in 2 days`, in the zone of the context."""
    token = f"{content['token']} {safe_text(str(content['name']))}"
    if content["kind"] == "expires":
        expires = datetime.fromisoformat(content["expires_at"])
        return f"{token} expires {wording.exact(expires, context.zone)}, {wording.relative(expires, context.now())}"
    at = wording.exact(datetime.fromisoformat(content["at"]), context.zone)
    return f"{token} was {content['kind']} by {safe_text(str(content['actor']))}, {at}"


def subject(contents: Sequence[dict[str, Any]]) -> str:
    """`API token Billing expires soon`, or how many there are."""
    if len(contents) > 1:
        return f"{len(contents)} notices about API tokens"
    what = "expires soon" if contents[0]["kind"] == "expires" else f"was {contents[0]['kind']}"
    return f"API token {contents[0]['token']} {what}"


def body(context: Context, contents: Sequence[dict[str, Any]]) -> str:
    """The text of a mail: a line a notice, and what to do."""
    lines = [line(context, content) for content in contents]
    if any(content["kind"] == "expires" for content in contents):
        lines += ["", "`tokentui renew ID --extend 30d` gives a token a new expiry and a new key."]
    return "\n".join([*lines, ""])
