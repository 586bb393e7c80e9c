"""Copying: off the event loop, and said honestly, as no program can know whether a terminal took it."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime

from tokentui.errors import TokentuiError
from tokentui.records import TokenRecord
from tokentui.screens.base import ServiceCalls
from tokentui.tokens.secrets import reveal_keys
from tokentui.ui import clipboard
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
    if not _ways(calls):
        _say_none(calls, instead=_see_key(calls))
        return None
    try:
        revealed = await calls.change(lambda context: reveal_keys(context, token.id, purpose="copy"))
    except (TokentuiError, ValidationError) as error:
        calls.explain(error)
        return None
    wanted = [each for each in revealed if made is None or each.secret.created_at == made]
    if not wanted:
        calls.app.notify("That key has stopped working meanwhile", severity="warning", markup=False)
        return None
    return wanted[0].key.text


async def copy_text(calls: ServiceCalls, text: str, what: str, *, instead: str = "") -> bool:
    """Copies any text; `what` names it at the start of the message, `instead` says how else to get at it.

    To be awaited inside a worker. True where a way took it.
    """
    ways = _ways(calls)
    copied = await asyncio.to_thread(clipboard.copy, ways, text, _writer(calls))
    if copied.way is None:
        _say_none(calls, copied.failures, instead)
        return False
    message = (
        ""
        if copied.way.certain
        else f"{UNKNOWN}." + (f" If pasting gives something else: {instead}." if instead else "")
    )
    if copied.way.left_behind:
        message = f"{copied.way.left_behind}. {message}".rstrip()
    verb = "was copied with" if copied.way.certain else "was sent to the clipboard through"
    calls.app.notify(message, title=f"{what} {verb} {copied.way.label}", markup=False)
    return True


def _see_key(calls: ServiceCalls) -> str:
    return f"{calls.keys.first('details.view_key')} in the details shows it"


def _ways(calls: ServiceCalls) -> tuple[clipboard.Way, ...]:
    return clipboard.choose(calls.context.environ, calls.context.settings.clipboard, shutil.which)


def _writer(calls: ServiceCalls) -> clipboard.Write:
    """Writes to the terminal as Textual's own `copy_to_clipboard` does: its driver queues, so any thread may."""
    driver = calls.app._driver
    return driver.write if driver is not None else lambda text: None


def _say_none(calls: ServiceCalls, failures: tuple[str, ...] = (), instead: str = "") -> None:
    reason = "; ".join(failures) or "neither the terminal nor the settings offer one"
    message = f"{reason}. {instead[:1].upper()}{instead[1:]}." if instead else f"{reason}."
    calls.app.notify(message, title="Nothing was copied: no clipboard", severity="warning", markup=False)
