"""The master key and what is derived from it: digests to verify by, seals to read a secret back.

    master key (32 bytes) ── HKDF-SHA-256 (RFC 5869) ─┬─ verify: digest = HMAC-SHA-256 of the key's text
                                                      ├─ seal:   AES-256-GCM, the token's ID as associated data
                                                      └─ audit:  chains the audit entries

An API server needs the verify subkey alone (`Verifier`); only a `Vault` can read a secret.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from copy import copy

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tokentui.crypto.key_format import Key, format_id
from tokentui.crypto.master_key import KEY_BYTES as KEY_BYTES

_NONCE_BYTES = 12
_FORMAT = b"\x01"
_IMPORTED_FORMAT = b"\x02"
# No key holds a control character, so none has the digest that stands for another's SHA-256.
_SHA256_MARK = b"\x00sha256\x00"


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
        return self.mac(text.encode("utf-8"))

    def digest_of_sha256(self, sha256: bytes) -> bytes:
        """The 32 bytes stored for a key of which the SHA-256 alone is known.

        Not that itself: of a key that can be guessed, it would tell who has the database whether a guess is right.
        """
        return self.mac(_SHA256_MARK + sha256)

    def digests_of(self, text: bytes) -> tuple[bytes, bytes]:
        """What may be stored for a key's text under this verify subkey: its digest, or the digest of its SHA-256."""
        return self.mac(text), self.digest_of_sha256(hashlib.sha256(text).digest())

    def mac(self, text: bytes) -> bytes:
        """HMAC-SHA-256 under the verify subkey."""
        mac = self._keyed.copy()
        mac.update(text)
        return mac.finalize()

    def check_value(self) -> bytes:
        """16 bytes stored in the database, that tell a wrong key before anything is read or written."""
        return hmac.digest(self._verify_key, b"tokentui key check value", "sha256")[:16]

    def enclose(self, text: bytes) -> bytes:
        """Encrypts what every holder of the verify key may read; `disclose` reads it."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._enclosing().encrypt(nonce, text, None)

    def disclose(self, enclosed: bytes) -> bytes:
        """The text of which `enclose` made this; raises SealBroken."""
        return _opened(self._enclosing(), enclosed, None)

    def _enclosing(self) -> AESGCM:
        return AESGCM(_subkey(self._verify_key, b"enclose"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Vault(Verifier):
    """All three subkeys of a master key, and those of former ones that a database still has a use for."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        super().__init__(_subkey(master_key, b"verify"))
        self.former: Vault | None = None
        self.former_verifiers: tuple[Verifier, ...] = ()
        self._aead = AESGCM(_subkey(master_key, b"seal"))
        self._audit_key = _subkey(master_key, b"audit")

    def with_former(self, former: Vault | None, verifiers: Sequence[Verifier]) -> Vault:
        """The same with former keys: that from which secrets are being sealed anew, and those that digests are of."""
        vault = copy(self)
        vault.former, vault.former_verifiers = former, tuple(verifiers)
        return vault

    @property
    def verify_key(self) -> bytes:
        """The 32 bytes that make a `Verifier`: what an API server needs, and no more."""
        return self._verify_key

    def digests(self, text: str) -> tuple[bytes, ...]:
        """Every digest that may be stored for a key's text: under this master key, then under former ones.

        Then likewise those of its SHA-256.
        """
        encoded = text.encode("utf-8")
        pairs = [verifier.digests_of(encoded) for verifier in (self, *self.former_verifiers)]
        return (*(of_text for of_text, _ in pairs), *(of_sha256 for _, of_sha256 in pairs))

    def digests_of_sha256(self, sha256: bytes) -> tuple[bytes, ...]:
        """Every digest that may be stored for a key of which the SHA-256 is known, in the same order."""
        return tuple(verifier.digest_of_sha256(sha256) for verifier in (self, *self.former_verifiers))

    def seal(self, key: Key) -> bytes:
        """The secret, encrypted and bound to its token's ID."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, key.secret.encode("utf-8"), _bound_to(key.token_id, key.is_imported))
        return (_IMPORTED_FORMAT if key.is_imported else _FORMAT) + nonce + sealed

    def unseal(self, token_id: int, sealed: bytes) -> Key:
        """Decrypts what `seal` made for the token with this ID, under this master key or the former one.

        Raises SealBroken.
        """
        is_imported = sealed[:1] == _IMPORTED_FORMAT
        try:
            secret = _opened(
                self._aead, sealed, _bound_to(token_id, is_imported), _IMPORTED_FORMAT if is_imported else _FORMAT
            )
        except SealBroken:
            if self.former is None:
                raise
            return self.former.unseal(token_id, sealed)
        return Key(token_id, secret.decode("utf-8"), is_imported)

    def seal_text(self, text: bytes, purpose: str) -> bytes:
        """Encrypts something that is no token's; it opens for this purpose alone."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._aead.encrypt(nonce, text, purpose.encode("ascii"))

    def unseal_text(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypts what `seal_text` made for this purpose; raises SealBroken."""
        return _opened(self._aead, sealed, purpose.encode("ascii"))

    @property
    def audit_key(self) -> bytes:
        """The 32 bytes that bind the audit's entries."""
        return self._audit_key

    def link(self, previous: bytes, entry: bytes) -> bytes:
        """The HMAC-SHA-256 that binds an audit entry (canonical bytes) to the link before it (empty for the first)."""
        return link(self._audit_key, previous, entry)


def link(audit_key: bytes, previous: bytes, entry: bytes) -> bytes:
    """As `Vault.link`, by an audit subkey alone."""
    return hmac.digest(audit_key, previous + entry, "sha256")


def new_master_key() -> bytes:
    """32 bytes from the operating system."""
    return os.urandom(KEY_BYTES)


def _opened(aead: AESGCM, sealed: bytes, associated: bytes | None, mark: bytes = _FORMAT) -> bytes:
    nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != mark:
        raise SealBroken
    try:
        return aead.decrypt(nonce, text, associated)
    except (InvalidTag, ValueError):
        raise SealBroken from None


def _bound_to(token_id: int, is_imported: bool) -> bytes:
    """The associated data of a seal: of which token it is, and whether it holds a whole key."""
    return f"{format_id(token_id)}{' imported' if is_imported else ''}".encode("ascii")


def _subkey(master_key: bytes, purpose: bytes) -> bytes:
    # The master key is uniformly random already, so HKDF's extract step may be left out (RFC 5869, 3.3).
    return HKDFExpand(SHA256(), KEY_BYTES, b"tokentui " + purpose + b" v1").derive(master_key)
