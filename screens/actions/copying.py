"""Copies keys and IDs outside the event loop, and says how: no program can know whether a terminal took them."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, timedelta

from tokentui.errors import TokentuiError
from tokentui.records import TokenRecord
from tokentui.screens import services
from tokentui.screens.base import ServiceCalls
from tokentui.terminal.textual_internals import terminal_writer
from tokentui.ui import clipboard, wording
from tokentui.ui.clipboard_clearing import can_clear, clear, digest
from tokentui.ui.text import safe_text
from tokentui.validation import ValidationError

UNKNOWN = "No program can know whether the terminal took it"


async def copy_key(calls: ServiceCalls, token: TokenRecord) -> bool:
    """Copies a token's current key, recorded in the audit as `copy`; says how, or why not. True where it went out.

    To be awaited inside a worker.
    """
    key = await key_to_copy(calls, token)
    if key is None:
        return False
    return await copy_text(calls, key, f"The key of {safe_text(token.name)}", instead=_see_key(calls))


async def key_to_copy(calls: ServiceCalls, token: TokenRecord, *, made: datetime | None = None) -> str | None:
    """The token's current key in clear, recorded as `copy`; None, after saying why, where there is none to copy.

    `made` names the moment of another secret, which an overlap keeps alive. Asks for a clipboard first: a key that
    can't be copied is not taken out of the vault either.
    """
    if not _routes(calls):
        _say_none(calls, instead=_see_key(calls))
        return None
    try:
        revealed = await calls.change(lambda context: services.secrets.reveal_keys(context, token.id, purpose="copy"))
    except (TokentuiError, ValidationError) as error:
        calls.explain(error)
        return None
    wanted = [key for key in revealed if made is None or key.secret.created_at == made]
    if not wanted:
        calls.app.notify("That key has stopped working meanwhile", severity="warning", markup=False)
        return None
    return wanted[0].key.text


async def copy_text(calls: ServiceCalls, text: str, what: str, *, instead: str = "", holds_key: bool = True) -> bool:
    """Copies any text; `what` names it at the start of the message, `instead` says how else to get at it.

    One that `holds_key` is taken away again after the settings' `clipboard_clear`, where that can be done. To be
    awaited inside a worker. True where a route took it.
    """
    routes = _routes(calls)
    copied = await asyncio.to_thread(clipboard.copy, routes, text, terminal_writer(calls.app))
    if copied.route is None:
        _say_none(calls, copied.failures, instead)
        return False
    message = (
        ""
        if copied.route.certain
        else f"{UNKNOWN}." + (f" If pasting gives something else: {instead}." if instead else "")
    )
    cleared_after = calls.context.settings.clipboard_clear if holds_key else None
    if cleared_after is not None and can_clear(copied.route):
        _clear_later(calls, copied.route, digest(text), cleared_after)
        message = f"It is taken away in {wording.duration_text(cleared_after)}. {message}".rstrip()
    elif copied.route.left_behind:
        message = f"{copied.route.left_behind}. {message}".rstrip()
    verb = "was copied with" if copied.route.certain else "was sent to the clipboard through"
    calls.app.notify(message, title=f"{what} {verb} {copied.route.label}", markup=False)
    return True


def _clear_later(calls: ServiceCalls, route: clipboard.Route, text_digest: bytes, after: timedelta) -> None:
    """By a timer of the app: the screen that copied may be gone by then."""

    async def take_away() -> None:
        if await asyncio.to_thread(clear, route, text_digest):
            calls.app.notify(f"The key was taken out of {route.label} again", markup=False)

    calls.app.set_timer(after.total_seconds(), take_away)


def _see_key(calls: ServiceCalls) -> str:
    return f"{calls.keys.first('details.view_key')} in the details shows it"


def _routes(calls: ServiceCalls) -> tuple[clipboard.Route, ...]:
    return clipboard.choose(calls.context.environ, calls.context.settings.clipboard, shutil.which)


def _say_none(calls: ServiceCalls, failures: tuple[str, ...] = (), instead: str = "") -> None:
    reason = "; ".join(failures) or "neither the terminal nor the settings offer one"
    message = f"{reason}. {instead[:1].upper()}{instead[1:]}." if instead else f"{reason}."
    calls.app.notify(message, title="Nothing was copied: no clipboard", severity="warning", markup=False)
