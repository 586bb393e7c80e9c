"""A webhook that is sent each notice as JSON, signed as https://www.standardwebhooks.com has it.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA-256 over `{webhook-id}.{webhook-timestamp}.{body}` under the
secret: whoever receives it compares that, refuses a time stamp that is minutes old, and leaves out an ID seen before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tokentui import __version__
from tokentui.context import Context
from tokentui.errors import SettingsError, TokentuiError
from tokentui.notify.outbox import PendingNotice
from tokentui.settings import read_limited

_TIMEOUT_S = 15
_PREFIX = "whsec_"
_LEAST_SECRET = 24
"""Bytes, as the specification has it."""


def read_secret(file: str) -> bytes:
    """The secret in a file: `whsec_` and base64, or the bytes themselves; raises SettingsError without it."""
    if not file:
        raise SettingsError("notify_webhook needs a secret", "notify_webhook_secret names the file that holds one")
    try:
        content = read_limited(Path(file).expanduser(), 4096).strip()
    except OSError as error:
        raise SettingsError(f"the secret {file} can't be read", error.strerror or str(error)) from None
    try:
        prefix = _PREFIX.encode()
        secret = base64.b64decode(content[len(prefix) :], validate=True) if content.startswith(prefix) else content
    except binascii.Error:
        raise SettingsError(f"the secret in {file} is not {_PREFIX} and base64") from None
    if len(secret) < _LEAST_SECRET:
        raise SettingsError(
            f"the secret in {file} is too short", f"at least {_LEAST_SECRET} bytes: openssl rand -hex 32"
        )
    return secret


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`; `timestamp` is in seconds since 1970."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}"


def send(context: Context, secret: bytes, notice: PendingNotice) -> None:
    """Sends one; raises TokentuiError unless it is answered with 2xx within 15 s. Redirects are not followed."""
    url, now = context.settings.notify_webhook, int(context.now().timestamp())
    body = json.dumps({"type": f"token.{notice.content['kind']}", "data": notice.content}).encode()
    message_id = f"notice-{notice.id}"
    request = urllib.request.Request(  # noqa: S310 (the settings let nothing but http and https pass)
        url,
        body,
        {
            "content-type": "application/json",
            "user-agent": f"tokentui/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(secret, message_id, now, body),
        },
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S):
            pass  # 2xx: anything else is raised
    except urllib.error.HTTPError as error:
        with error:
            raise TokentuiError(f"the webhook answered {error.code}") from None
    except urllib.error.URLError as error:
        raise TokentuiError(f"the webhook can't be reached ({error.reason})") from None
    except (OSError, http.client.HTTPException) as error:
        raise TokentuiError(f"the webhook can't be reached ({error or type(error).__name__})") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is signed for one place is not sent to another."""

    def redirect_request(self, *_: Any) -> None:
        return None
