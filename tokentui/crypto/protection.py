"""A passphrase on the master key's file: the key sealed under what scrypt (RFC 7914) makes of the passphrase.

    tokentui-protected-master-key-v1:scrypt:131072:8:1:SALT:SEALED

The figures are n, r and p; SALT and SEALED are base64. Everything before SEALED is bound to it as associated data.

A process asks for the passphrase once. It comes from a file descriptor that the option `--passphrase-fd` or the
variable TOKENTUI_PASSPHRASE_FD names, or from the terminal, where the program has said by `session.ask` how to ask.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from tokentui.errors import MasterKeyError, UsageError

MARK = b"tokentui-protected-master-key-v1:"
SHORTEST = 8
"""Characters of the shortest passphrase."""

VARIABLE = "TOKENTUI_PASSPHRASE_FD"
_LONGEST_BYTES = 1024
_SALT_BYTES = 16
_NONCE_BYTES = 12
_TRIES = 3
_MOST_N, _MOST_R, _MOST_P = 1 << 21, 32, 16
"""What a file may ask for: more would take this machine's memory, not protect anything."""


@dataclass(frozen=True, slots=True)
class ScryptFigures:
    """What scrypt is given. OWASP's first choice for it: 128 MiB, and about a third of a second."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1


USUAL = ScryptFigures()


class Session:
    """The passphrase of this process, once it is known. Safe to share between threads."""

    def __init__(self) -> None:
        self.ask: Callable[[str], str] | None = None
        """Asks on the terminal, with this text; None where nobody can be asked."""
        self._passphrase: bytes | None = None
        self._descriptor: int | None = None
        self._keys: dict[tuple[ScryptFigures, bytes], bytes] = {}
        self._lock = threading.RLock()

    def read_from(self, descriptor: int) -> None:
        """Takes the passphrase from this file descriptor when it is needed, instead of what the variable names."""
        self._descriptor = descriptor

    def forget(self) -> None:
        """As a new process."""
        self.ask = self._passphrase = self._descriptor = None
        self._keys.clear()

    def remember(self, passphrase: bytes) -> None:
        """Opens what it protects from now on."""
        with self._lock:
            self._passphrase = passphrase

    def opened(self, content: bytes, file: Path) -> bytes:
        """The master key in a protected file; raises MasterKeyError where it stays closed."""
        head, sealed, figures, salt = _parts(content, file)
        with self._lock:
            passphrase = self._passphrase if self._passphrase is not None else self._from_descriptor()
            if passphrase is not None:
                key = self._try(head, sealed, figures, salt, passphrase)
                if key is None:
                    raise MasterKeyError(f"the passphrase does not open the master key {file}", "is it the right one?")
                return key
            return self._asked(head, sealed, figures, salt, file)

    def _asked(self, head: bytes, sealed: bytes, figures: ScryptFigures, salt: bytes, file: Path) -> bytes:
        if self.ask is None or not _MAY_ASK.get():
            hint = f"start the program anew to give it on a terminal, or by a file descriptor that {VARIABLE} names"
            raise MasterKeyError(f"the master key {file} is protected by a passphrase", hint)
        for number in range(_TRIES):
            text = "Passphrase of the master key: " if number == 0 else "It does not open the master key. Passphrase: "
            passphrase = self.ask(text).encode("utf-8", "surrogateescape")
            if not passphrase:
                break
            key = self._try(head, sealed, figures, salt, passphrase)
            if key is not None:
                return key
        raise MasterKeyError(f"the master key {file} stays closed", "it takes the passphrase to open it")

    def _try(self, head: bytes, sealed: bytes, figures: ScryptFigures, salt: bytes, passphrase: bytes) -> bytes | None:
        key = self._keys.get((figures, salt)) or _derived(passphrase, figures, salt)
        master_key = _unsealed(key, head, sealed)
        if master_key is not None:
            self._keys[figures, salt] = key
            self._passphrase = passphrase
        return master_key

    def _from_descriptor(self) -> bytes | None:
        descriptor = self._descriptor
        if descriptor is None:
            named = os.environ.get(VARIABLE, "")
            if not named:
                return None
            if not named.isdecimal():
                raise MasterKeyError(f"{VARIABLE} is no number of a file descriptor", "such as 3, with 3<FILE")
            descriptor = int(named)
        self._passphrase = read_passphrase(descriptor)
        return self._passphrase


session = Session()
"""Of this process: a master key is opened in many places, and somebody is asked once."""

_MAY_ASK: ContextVar[bool] = ContextVar("_MAY_ASK", default=True)


@contextlib.contextmanager
def without_asking() -> Iterator[None]:
    """Nobody is asked meanwhile: while a transaction is open, all others would wait for an answer."""
    token = _MAY_ASK.set(False)
    try:
        yield
    finally:
        _MAY_ASK.reset(token)


def is_protected(content: bytes) -> bool:
    """Whether a file's content is a protected key."""
    return content.startswith(MARK)


def protected(master_key: bytes, passphrase: bytes, figures: ScryptFigures | None = None) -> bytes:
    """The content of a file that this passphrase opens. Raises UsageError for a passphrase that is none."""
    if len(passphrase.decode("utf-8", "replace")) < SHORTEST:
        raise UsageError(f"a passphrase has at least {SHORTEST} characters", "four words are better than one")
    figures = figures or USUAL
    salt = os.urandom(_SALT_BYTES)
    return _sealed(master_key, _derived(passphrase, figures, salt), figures, salt)


def protected_alike(master_key: bytes, content: bytes, file: Path) -> bytes:
    """The content of a file with this key that opens with the same passphrase as `content` does, which is `file`'s."""
    session.opened(content, file)
    _, _, figures, salt = _parts(content, file)
    return _sealed(master_key, session._keys[figures, salt], figures, salt)


def read_passphrase(descriptor: int) -> bytes:
    """The first line of what can be read from a file descriptor; raises MasterKeyError."""
    try:
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            line = stream.readline(_LONGEST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise MasterKeyError(f"the passphrase can't be read from file descriptor {descriptor}", reason) from None
    return line.rstrip(b"\r\n")


def _parts(content: bytes, file: Path) -> tuple[bytes, bytes, ScryptFigures, bytes]:
    """What is bound, what is sealed, scrypt's figures and its salt."""
    head, _, sealed = content.strip().rpartition(b":")
    try:
        kind, *numbers, salt = head[len(MARK) :].split(b":")
        figures = ScryptFigures(*map(int, numbers))
        fine = kind == b"scrypt" and 1 < figures.n <= _MOST_N and figures.n & (figures.n - 1) == 0
        if not (fine and 0 < figures.r <= _MOST_R and 0 < figures.p <= _MOST_P):
            raise ValueError
        return head, base64.b64decode(sealed, validate=True), figures, base64.b64decode(salt, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise MasterKeyError(f"the protected master key {file} is damaged", "restore it from your backup") from None


def _sealed(master_key: bytes, key: bytes, figures: ScryptFigures, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = MARK + f"scrypt:{figures.n}:{figures.r}:{figures.p}:".encode("ascii") + base64.b64encode(salt)
    nonce = os.urandom(_NONCE_BYTES)
    return head + b":" + base64.b64encode(nonce + AESGCM(key).encrypt(nonce, master_key, head)) + b"\n"


def _unsealed(key: bytes, head: bytes, sealed: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], head)
    except (InvalidTag, ValueError):
        return None


def _derived(passphrase: bytes, figures: ScryptFigures, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    try:
        return Scrypt(salt=salt, length=32, n=figures.n, r=figures.r, p=figures.p).derive(passphrase)
    except (MemoryError, ValueError) as error:
        raise MasterKeyError("this machine has not the memory that the passphrase takes", str(error)) from None
