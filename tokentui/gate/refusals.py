"""The HTTP responses of a gate that refuses a request. All 401 are the same bytes: none tells a caller why."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

from tokentui.errors import TokentuiError
from tokentui.gate.decision import Decision, Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP response: its status and reason phrase, the error in plain words, the headers and the JSON body."""

    status: int
    phrase: str
    error: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def _refusal(status: int, phrase: str, code: str, error: str, *headers: tuple[str, str]) -> Refusal:
    body = json.dumps({"error_code": code, "errors": [error]}, ensure_ascii=False, separators=(",", ":")).encode()
    fixed = (("content-type", "application/json"), ("content-length", str(len(body))), ("cache-control", "no-store"))
    return Refusal(status, phrase, error, (*fixed, *headers), body)


UNAUTHORIZED = _refusal(
    401,
    "Unauthorized",
    "AUTH_001",
    "API request is unauthorized.",
    ("www-authenticate", 'ApiKey realm="tokentui"'),
)
UNAVAILABLE = _refusal(503, "Service Unavailable", "AUTH_503", "The token can't be checked now. Try again.")
TOO_LONG = _refusal(414, "URI Too Long", "AUTH_414", "The request's target is longer than 8 kB.")
FORBIDDEN_TOO_LONG = _refusal(403, "Forbidden", "AUTH_003", "The request's target is longer than 8 kB.")
"""For proxies, which take any answer but 401 and 403 for an error of the gate's."""

TOO_LARGE = _refusal(403, "Forbidden", "AUTH_003", "The request's headers are more than 100, or larger than 64 kB.")
CONTRADICTION = _refusal(403, "Forbidden", "AUTH_003", "The request's path is told in two ways.")
NO_TARGET = _refusal(403, "Forbidden", "AUTH_003", "The proxy did not tell the request's path.")


def refusal(decision: Decision) -> Refusal:
    """The answer to a request that was not let in."""
    if decision.status == 401:
        return UNAUTHORIZED
    if decision.reason is Reason.NETWORK:
        error = "The token may not be used from this address."
    elif decision.module:
        error = f"The token has no permission for {decision.module}."
    else:
        error = "The token has no permission for this path."
    return _refusal(403, "Forbidden", "AUTH_003", error)


_LOG = logging.getLogger(__name__)
_LOG_INTERVAL_S = 10.0
_last_logged: dict[str, float] = {}


def unavailable(error: TokentuiError) -> Refusal:
    """The answer where the gate can't decide. The log says why, the same line once in ten seconds."""
    message = str(error)
    now = time.monotonic()
    if now - _last_logged.get(message, -_LOG_INTERVAL_S) >= _LOG_INTERVAL_S:
        if len(_last_logged) >= 1_000:
            _last_logged.clear()
        _last_logged[message] = now
        _LOG.error("nobody can be let in: %s", message)
    return UNAVAILABLE
