"""Sends a request through the whole chain, from the client's side, with a token made for it, and sees it counted."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, urlsplit

from tokentui import catalog
from tokentui.context import Context
from tokentui.errors import TokentuiError, UsageError
from tokentui.operations.check import Finding
from tokentui.records import Action, Issued, NewToken
from tokentui.tokens import bulk
from tokentui.tokens.create import create_token
from tokentui.tokens.policy import TokenPolicy
from tokentui.usage import reports
from tokentui.validation import ValidationError

NAME = "tokentui doctor"
_LIFETIME = timedelta(minutes=10)
_TIMEOUT_S = 5.0
_TIMEOUT = 10.0


def check(context: Context, url: str) -> Iterator[Finding]:
    """Asks `url` (http or https, such as https://api.example.com/public/v1) for a module's path.

    First without a key, which must be 401, then with the key of a token that may do everything for ten minutes; it
    is deleted and purged at the end, whatever happens.
    """
    try:
        target = _target(context, url)
        without = _status(target, None)
    except TokentuiError as error:
        yield Finding("api", False, error.message, error.hint)
        return
    if without != 401:
        yield Finding("api", False, f"{target} answers {without} without a key", "put the gate in front of it")
        return
    yield Finding("api", True, f"{target} answers 401 without a key")
    try:
        issued = _make(context)
    except (TokentuiError, ValidationError) as error:
        yield Finding("request", False, "no token can be made to ask with", str(error))
        return
    try:
        yield from _with_key(context, target, issued)
    except TokentuiError as error:
        yield Finding("request", False, error.message, error.hint)
    finally:
        bulk.apply(context, Action.DELETE, [issued.token.id])
        bulk.apply(context, Action.PURGE, [issued.token.id])


def _with_key(context: Context, target: str, issued: Issued) -> Iterator[Finding]:
    assert issued.key is not None
    status = _status(target, issued.key.text)
    if status == 401:
        remedy = "let the gate use this database and this master key"
        yield Finding("request", False, f"{target} answers 401 to a key that is valid", remedy)
        return
    if status == 403:
        remedy = "set base_path to what stands before the modules' paths"
        yield Finding("request", False, f"{target} answers 403 to a token with all modules", remedy)
        return
    if status >= 500:
        remedy = "ask the gate's /healthz, and look into the logs of the gate and the API"
        yield Finding("request", False, f"{target} answers {status} to a valid key", remedy)
        return
    yield Finding("request", True, f"{target} answers {status} to a valid key")
    took = _counted_after(context, issued.token.id)
    if took is None:
        remedy = "send the proxy's access log to `tokentui serve --access-log`, or use the middleware"
        yield Finding("counted", False, f"the response was not counted within {_TIMEOUT_S:g} s", remedy)
    else:
        yield Finding("counted", True, f"the response was counted {took:.1f} s later")


def _make(context: Context) -> Issued:
    policy = TokenPolicy.of(context.settings)
    expires = context.now() + min(_LIFETIME, policy.max_lifetime or _LIFETIME)
    current = catalog.load(context)
    # One that asks for permissions can be given all; where none does, the first's own must do.
    extensions = sorted(
        current.extensions,
        key=lambda extension: (not policy.allows_extension(extension.slug), not extension.asks_permissions),
    )
    if not extensions:
        raise UsageError("the catalogue has no extension", "run `tokentui catalog import FILE`")
    chosen = extensions[0]
    new = NewToken(NAME, owner="tokentui doctor", extension=chosen.slug, expires_at=expires)
    if chosen.asks_permissions and policy.forbid_all_modules:
        new = replace(new, modules=tuple(module.slug for module in current.modules))
    elif chosen.asks_permissions:
        new = replace(new, all_modules=True)
    return create_token(context, new)


def _target(context: Context, url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username or not (url.isascii() and url.isprintable()):
        raise UsageError(f"{url!r} is not the address of an API", "write api_url = 'https://api.example.com'")
    paths = [path for module in catalog.load(context).modules for path in module.paths]
    return url.rstrip("/") + quote(next(iter(paths), "/"))


def _status(target: str, key: str | None) -> int:
    """By the standard library, which follows no redirection: the key must reach no other host."""
    parts = urlsplit(target)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts.path, headers={"Authorization": f"ApiKey {key}"} if key else {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, UnicodeError) as error:  # UnicodeError: a name that is no host's
        told = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UsageError(f"{target} can't be reached ({told})", "is it up, and its address right?") from None
    finally:
        connection.close()


def _counted_after(context: Context, token_id: int) -> float | None:
    start, pause = time.monotonic(), threading.Event()
    while time.monotonic() - start < _TIMEOUT_S:
        if reports.totals(context, [token_id], days=2)[token_id]:
            return time.monotonic() - start
        pause.wait(0.1)
    return None
