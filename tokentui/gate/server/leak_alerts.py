"""`POST /leaks`: alerts of a secret-scanning programme about keys that were published, as GitHub sends them.

The body is a JSON array of `{"token", "type", "url"}`, signed with ECDSA over P-256 and SHA-256; the signature and the
name of its public key stand in headers (https://docs.github.com/code-security/secret-scanning, partner programme).
The public keys come from a file, as `https://api.github.com/meta/public_keys/secret_scanning` serves them: a gate asks
nobody on the network. An alert may be sent again by whoever has seen it, which does no harm: a key that was published
stays so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tokentui import audit
from tokentui.clock import utc_text
from tokentui.context import Actor, Context
from tokentui.errors import SettingsError
from tokentui.gate.decision import STATUS
from tokentui.gate.gate import Gate
from tokentui.records import Action
from tokentui.settings import read_limited
from tokentui.tokens import bulk
from tokentui.ui.text import safe_text

IDENTIFIER = "github-public-key-identifier"
SIGNATURE = "github-public-key-signature"

MAX_BODY = 1 << 20
"""Bytes of the largest body that is read."""

MAX_ALERTS = 1000
"""Alerts of the longest list that is answered."""

_LIVE = frozenset(STATUS)
"""Reasons for which the right secret opens something, from some network or for some module."""

_MOST_URL = 500


class BadAlert(ValueError):
    """What was sent is not signed by one of the keys, or is no list of alerts. Its text never holds a key."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A text that looked like a key, how the programme calls its kind, and where it was seen."""

    token: str
    kind: str
    url: str


def check_signature(file: str, identifier: str, signature: str, body: bytes) -> None:
    """Raises BadAlert unless the body is signed by the key of the file that has this identifier.

    Raises SettingsError where the file can't be read.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    pem = public_keys(file).get(identifier)  # read each time, as the programme changes them
    if pem is None:
        raise BadAlert("it is signed with a key that leaks_keys does not hold")
    try:
        key = load_pem_public_key(pem.encode())
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise BadAlert("the key of leaks_keys that signed it is none of an elliptic curve")
        key.verify(base64.b64decode(signature, validate=True), body, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        raise BadAlert("its signature does not fit") from None


def public_keys(file: str) -> dict[str, str]:
    """The keys of the file, PEM by identifier; raises SettingsError."""
    try:
        content = json.loads(read_limited(Path(file).expanduser()))
        return {str(key["key_identifier"]): str(key["key"]) for key in content["public_keys"]}
    except OSError as error:
        raise SettingsError(f"the keys of {file} can't be read", error.strerror or str(error)) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        hint = "leaks_keys names what https://api.github.com/meta/public_keys/secret_scanning serves"
        raise SettingsError(f"{file} holds no public keys", hint) from None


def read_alerts(body: bytes) -> tuple[Alert, ...]:
    """The alerts of a body; raises BadAlert."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAlert("it is no JSON") from None
    if not isinstance(content, list) or not all(isinstance(alert, dict) for alert in content):
        raise BadAlert("it is no list of alerts")
    if len(content) > MAX_ALERTS:
        raise BadAlert(f"it has more than {MAX_ALERTS} alerts")
    if not all(isinstance(alert.get("token"), str) for alert in content):
        raise BadAlert("an alert has no token")
    return tuple(
        Alert(alert["token"], str(alert.get("type", "")), str(alert.get("url", ""))[:_MOST_URL]) for alert in content
    )


def receive(context: Context, gate: Gate, alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Disables the tokens of live keys, unless `leaks_action` says to record them alone; returns what is answered.

    One entry a token in the audit says where its key was seen.
    """
    answers, seen_at = [], dict[int, str]()
    for alert in alerts:
        decision = gate.verify(f"ApiKey {alert.token}")
        if decision.token is not None and decision.reason in _LIVE:
            seen_at.setdefault(decision.token.number, alert.url)
        answers.append(
            {
                "token_hash": hashlib.sha256(alert.token.encode("utf-8", "surrogatepass")).hexdigest(),
                "token_type": alert.kind,
                "label": "false_positive" if decision.token is None else "true_positive",
            }
        )
    if seen_at:
        _act(replace(context, actor=Actor(context.actor.name, "leak alert")), seen_at)
    return answers


def _act(context: Context, seen_at: dict[int, str]) -> None:
    with context.database.write() as session:
        for token_id, url in seen_at.items():
            changes = {"seen_at": (None, safe_text(url)), "seen_on": (None, utc_text(context.now()))}
            audit.record(session, context, "leak", token_id, changes)
        session.commit()
    if context.settings.leaks_action == "disable":
        bulk.apply(context, Action.DISABLE, tuple(seen_at), partial=True)
