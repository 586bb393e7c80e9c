"""The master key and what is derived from it: digests to verify by, seals to read a secret back.

    master key (32 bytes) ── HKDF-SHA-256 (RFC 5869) ─┬─ verify: digest = HMAC-SHA-256 of the key's text
                                                      ├─ seal:   AES-256-GCM, the token's ID as associated data
                                                      └─ audit:  chains the audit entries

An API server needs the verify subkey alone (`Verifier`); only a `Vault` can read a secret.
"""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tokentui.crypto.key_format import Key, format_id
from tokentui.crypto.master_key import KEY_BYTES as KEY_BYTES

_NONCE_BYTES = 12
_FORMAT = b"\x01"


class SealBroken(Exception):
    """A sealed secret was changed, belongs to another token, or was sealed with another key."""


class Verifier:
    """The verify subkey: recognises keys, reads none."""

    def __init__(self, verify_key: bytes) -> None:
        self._verify_key = verify_key
        # Copied for each digest: to begin one with the key takes longer than all the rest of it.
        self._keyed = HMAC(verify_key, SHA256())

    def digest(self, text: str) -> bytes:
        """The 32 bytes stored for a key's text (`ID:secret`)."""
        return self.mac(text.encode("ascii"))

    def mac(self, text: bytes) -> bytes:
        """HMAC-SHA-256 under the verify subkey."""
        mac = self._keyed.copy()
        mac.update(text)
        return mac.finalize()

    def check_value(self) -> bytes:
        """16 bytes stored in the database, that tell a wrong key before anything is read or written."""
        return hmac.digest(self._verify_key, b"tokentui key check value", "sha256")[:16]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Vault(Verifier):
    """All three subkeys of a master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        super().__init__(_subkey(master_key, b"verify"))
        self._aead = AESGCM(_subkey(master_key, b"seal"))
        self._audit_key = _subkey(master_key, b"audit")

    @property
    def verify_key(self) -> bytes:
        """The 32 bytes that make a `Verifier`: what an API server needs, and no more."""
        return self._verify_key

    def seal(self, key: Key) -> bytes:
        """The secret, encrypted and bound to its token's ID."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, key.secret.encode("ascii"), format_id(key.token_id).encode("ascii"))
        return _FORMAT + nonce + sealed

    def unseal(self, token_id: int, sealed: bytes) -> Key:
        """Decrypts what `seal` made for the token with this ID; raises SealBroken."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT:
            raise SealBroken
        try:
            secret = self._aead.decrypt(nonce, text, format_id(token_id).encode("ascii"))
        except (InvalidTag, ValueError):
            raise SealBroken from None
        return Key(token_id, secret.decode("ascii"))

    def link(self, previous: bytes, entry: bytes) -> bytes:
        """The HMAC-SHA-256 that binds an audit entry (canonical bytes) to the link before it (empty for the first)."""
        return hmac.digest(self._audit_key, previous + entry, "sha256")


def new_master_key() -> bytes:
    """32 bytes from the operating system."""
    return os.urandom(KEY_BYTES)


def _subkey(master_key: bytes, purpose: bytes) -> bytes:
    # The master key is uniformly random already, so HKDF's extract step may be left out (RFC 5869, 3.3).
    return HKDFExpand(SHA256(), KEY_BYTES, b"tokentui " + purpose + b" v1").derive(master_key)
