"""Reads one line of an access log: which token got which status, when, and from which address it came.

The format is JSON made by nginx, a line a request; other keys are ignored:

    log_format tokentui escape=json '{"time":"$msec","request":"$request_id","token":"$tokentui_id",'
                                    '"status":"$status","client":"$remote_addr"}';

`$tokentui_id` is what the gate returned (`auth_request_set $tokentui_id $upstream_http_x_token_id`): never a header
of the client's. `request` may have any form (nginx's `$request_id`, a UUID, a ULID, a counter): with the moment, the
token and the status, these tell a line from every other. A line without one could be counted twice, and is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tokentui import addresses, validation

MAX_LINE = 16_384
"""Characters of a line that are read; a longer one is not ours."""

MAX_REQUEST_ID = 256
"""Characters of a request's ID; a line with a longer one is refused."""

DIGEST_BYTES = 16

_SECONDS = re.compile(r"[0-9]{9,11}(?:\.[0-9]{1,9})?", re.ASCII)
_STATUS = re.compile(r"[1-9][0-9]{2}", re.ASCII)
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class BadLine(ValueError):
    """The line is not in the format; the message says what is wrong, without repeating the line."""


class Response(NamedTuple):
    """A response to a token.

    `at` is in microseconds since 1970; `digest` differs from that of any other line; `client` is an address, or empty.
    """

    token: int
    at: int
    digest: bytes
    status: int
    client: str


def parse(line: str) -> Response | None:
    """Reads the response in a line; None for a request without a valid token. Raises BadLine."""
    if len(line) > MAX_LINE:
        raise BadLine("it is too long")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("it is not JSON") from None
    if not isinstance(fields, dict):
        raise BadLine("it is not a JSON object")
    token = fields.get("token")
    if token is None:
        raise BadLine('it has no "token"')
    if token in ("", "-"):
        return None
    try:
        number = validation.token_id(str(token))
    except validation.ValidationError:
        raise BadLine('its "token" is not an ID') from None
    client = addresses.parse(str(fields.get("client") or ""))
    at, status = _at(fields), _status(fields)
    return Response(number, at, _digest(_request_id(fields), at, number, status), status, str(client or ""))


def of_syslog(packet: bytes) -> str:
    """The line in a syslog packet (RFC 3164, as nginx sends it): what stands behind its header."""
    text = packet.decode("utf-8", "replace")
    start = text.find("{")
    return text[start:].rstrip("\r\n\0") if start >= 0 else text


def _at(fields: dict[str, Any]) -> int:
    value = str(fields.get("time", ""))
    if _SECONDS.fullmatch(value):
        seconds, _, fraction = value.partition(".")
        micros = int(seconds) * 1_000_000 + int((fraction + "000000")[:6])
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise BadLine('its "time" is neither seconds nor ISO 8601') from None
        if moment.tzinfo is None:
            raise BadLine('its "time" has no time zone')
        micros = int(moment.timestamp() * 1_000_000)
    if not _OLDEST <= micros / 1_000_000 < _LATEST:
        raise BadLine('its "time" is not of this century or the next')
    return micros


def _request_id(fields: dict[str, Any]) -> str:
    value = fields.get("request")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or value in ("", "-"):
        raise BadLine('it has no "request", the ID by which a line is known again')
    if len(value) > MAX_REQUEST_ID:
        raise BadLine(f'its "request" is longer than {MAX_REQUEST_ID} characters')
    return value


def _digest(request_id: str, at: int, token: int, status: int) -> bytes:
    line = f"{at} {token} {status} {request_id}"
    return hashlib.blake2b(line.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _status(fields: dict[str, Any]) -> int:
    value = str(fields.get("status", ""))
    if not _STATUS.fullmatch(value):
        raise BadLine('its "status" is not an HTTP status')
    return int(value)
