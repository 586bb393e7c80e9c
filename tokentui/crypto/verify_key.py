"""The verify subkey in a file: what an API server needs to recognise keys, and can't read a secret with."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokentui.crypto.master_key import next_to, read_file
from tokentui.crypto.vault import KEY_BYTES, Vault, Verifier
from tokentui.errors import MasterKeyError

CREDENTIAL = "tokentui-verify-key"
_MARK = b"tokentui-verify-key-v1:"
"""What the file begins with, so that it is not taken for a master key, nor a master key for it."""


def path(environ: Mapping[str, str]) -> Path | None:
    """The file that is named for it; None where a gate is to use the master key."""
    if named := environ.get("TOKENTUI_VERIFY_KEY_FILE"):
        return Path(os.path.expanduser(named))
    # systemd's LoadCredential= (systemd.exec, "Credentials")
    if directory := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(directory) / CREDENTIAL
        if os.path.lexists(credential):
            return credential
    return None


def encoded(vault: Vault) -> str:
    """The subkey as its file holds it, without the end of the line."""
    return (_MARK + base64.b64encode(vault.verify_key)).decode("ascii")


def candidates(file: Path) -> Iterator[Verifier]:
    """The verifiers of the file beside it that holds the next key, where there is one, and of the file itself.

    Raises MasterKeyError at the end where one of them is none, or there is no file.
    """
    fault: MasterKeyError | None = None
    for one in (next_to(file), file):
        try:
            if one == file or os.path.lexists(one):
                yield load(one)
        except MasterKeyError as error:
            fault = error
    if fault is not None:
        raise fault


def load(file: Path) -> Verifier:
    """The verifier of a file that `encoded` was written to; raises MasterKeyError where it is not there, or is none."""
    content = read_file(file, "the verify key")
    if content is None:
        raise MasterKeyError(f"the verify key {file} is missing", "make it with `tokentui vault export-verify-key`")
    mark, text = content.strip()[: len(_MARK)], content.strip()[len(_MARK) :]
    try:
        key = base64.b64decode(text, validate=True) if mark == _MARK else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{file} does not hold a verify key", "make it with `tokentui vault export-verify-key`")
    return Verifier(key)
