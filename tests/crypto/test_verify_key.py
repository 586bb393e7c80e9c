"""The verify key in its file."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from tokentui.crypto import verify_key
from tokentui.crypto.key_format import new_key
from tokentui.crypto.vault import Vault
from tokentui.errors import MasterKeyError

MASTER_KEY = bytes(range(32))


def test_it_recognises_what_the_vault_does(tmp_path: Path) -> None:
    """And has no way to a secret."""
    vault, key = Vault(MASTER_KEY), new_key(7)
    (tmp_path / "verify.key").write_text(verify_key.encoded(vault) + "\n")
    verifier = verify_key.load(tmp_path / "verify.key")
    assert verifier.digest(key.text) == vault.digest(key.text)
    assert verifier.check_value() == vault.check_value()
    assert not hasattr(verifier, "unseal")
    assert base64.b64encode(MASTER_KEY).decode() not in verify_key.encoded(vault)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        base64.b64encode(MASTER_KEY),
        MASTER_KEY,
        b"tokentui-verify-key-v1:",
        b"tokentui-verify-key-v1:@",
        b"\xff" * 9,
    ],
)
def test_what_is_none(tmp_path: Path, content: bytes) -> None:
    """A master key in its place would hand on more than was meant."""
    (tmp_path / "verify.key").write_bytes(content)
    with pytest.raises(MasterKeyError, match="does not hold a verify key"):
        verify_key.load(tmp_path / "verify.key")


def test_what_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="is missing"):
        verify_key.load(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MasterKeyError, match="is not a file"):
        verify_key.load(tmp_path / "pipe")


def test_where_it_is_named(tmp_path: Path) -> None:
    """The variable, then systemd's credential; else the master key is used."""
    assert verify_key.path({}) is None
    assert verify_key.path({"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None
    (tmp_path / verify_key.CREDENTIAL).touch()
    assert verify_key.path({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == tmp_path / verify_key.CREDENTIAL
    assert verify_key.path({"TOKENTUI_VERIFY_KEY_FILE": "/x", "CREDENTIALS_DIRECTORY": str(tmp_path)}) == Path("/x")
