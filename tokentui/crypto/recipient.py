"""Sealing a key to somebody's public key, so that it is handed over unseen: age (https://age-encryption.org/v1) or SSH.

By pyrage, which is an extra: `pip install tokentui[age]`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Any

from tokentui.errors import UsageError

_LONGEST = 16_384
"""Characters of the longest public key that is read: one of RSA with 16 384 bits has 2 800."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key; `name` is how the audit calls it: the age recipient, or an SSH key's fingerprint and comment."""

    name: str
    _key: Any = field(repr=False)

    def seal(self, text: str) -> str:
        """The text, which only the recipient can read: the armour of age, lines of ASCII."""
        import pyrage

        sealed: bytes = pyrage.encrypt(text.encode("utf-8"), [self._key], armored=True)
        return sealed.decode("ascii").strip()


def parse(text: str) -> Recipient:
    """`age1…`, or a line of an SSH public key file. Raises UsageError where it is none, or pyrage is not installed."""
    try:
        import pyrage
    except ImportError:
        raise UsageError("a key can't be sealed to anybody without pyrage", "install tokentui[age]") from None
    text = text.strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise _none()
    try:
        if text.startswith("ssh-"):
            kind, _, rest = text.partition(" ")
            encoded, _, comment = rest.strip().partition(" ")
            return Recipient(_fingerprint(encoded, comment), pyrage.ssh.Recipient.from_str(f"{kind} {encoded}"))
        return Recipient(text, pyrage.x25519.Recipient.from_str(text))
    except (pyrage.RecipientError, binascii.Error, ValueError):
        raise _none() from None


def _fingerprint(encoded: str, comment: str) -> str:
    """As `ssh-keygen -l` writes it."""
    digest = hashlib.sha256(base64.b64decode(encoded, validate=True)).digest()
    name = base64.b64encode(digest).decode("ascii").rstrip("=")
    return f"SHA256:{name} {comment}".strip()


def _none() -> UsageError:
    return UsageError(
        "the recipient is no public key", "give age1…, or a line of an SSH public key file (ed25519 or RSA)"
    )
