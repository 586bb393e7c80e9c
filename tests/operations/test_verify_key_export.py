"""A gate with the verify key alone, and what a thief of it and the database can't do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import make_token
from tokentui import audit
from tokentui.context import Context
from tokentui.errors import MasterKeyError, UsageError
from tokentui.gate import Gate
from tokentui.operations.verify_key_export import export_verify_key
from tokentui.tokens import secrets


@pytest.fixture
def thief(context: Context, open_as: Callable[..., Context], tmp_path: Path) -> Context:
    """Who has the database and the verify key, and nothing else."""
    export_verify_key(context, tmp_path / "verify.key")
    thief = open_as()
    thief.environ = {
        "TOKENTUI_VERIFY_KEY_FILE": str(tmp_path / "verify.key"),
        "TOKENTUI_MASTER_KEY_FILE": str(tmp_path / "no-master.key"),
    }
    return thief


def test_a_gate_lets_in_by_it(context: Context, thief: Context) -> None:
    key = make_token(context).key
    assert key is not None
    gate = Gate.from_context(thief)
    assert gate.verify(f"ApiKey {key.text}").allowed
    secrets.rotate_token(context, key.token_id)
    assert not gate.verify(f"ApiKey {key.text}").allowed
    gate.close()


def test_no_secret_is_read_and_no_token_made_with_it(context: Context, thief: Context) -> None:
    token = make_token(context).token
    with pytest.raises(MasterKeyError):
        secrets.reveal_keys(thief, token.id)
    with pytest.raises(MasterKeyError):
        make_token(thief)


def test_the_file_and_the_audit(context: Context, tmp_path: Path) -> None:
    """Read by nobody else, never over another file, and recorded without the key."""
    file = tmp_path / "verify.key"
    text = export_verify_key(context, file)
    assert file.read_text() == text + "\n"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists"):
        export_verify_key(context, file)
    (entry,) = audit.entries(context)
    assert (entry.action, entry.changes) == ("export-verify-key", {})


def test_of_another_database(context: Context, thief: Context, tmp_path: Path) -> None:
    """Nobody is let in: the gate does not start."""
    context.vault()
    other = tmp_path / "other.key"
    other.write_text("tokentui-verify-key-v1:" + "QUFB" * 10 + "QUE=\n")
    thief.environ = {"TOKENTUI_VERIFY_KEY_FILE": str(other)}
    with pytest.raises(MasterKeyError):
        Gate.from_context(thief)
