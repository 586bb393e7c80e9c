"""The answers of a gate that lets nobody in. All 401 are the same bytes: none tells a caller why."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tokentui.gate.decision import Decision, Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer: the status, its reason phrase, the error in words, headers, JSON body."""

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
