"""Handing on the part of the master key that recognises keys, for an API server of its own."""

from __future__ import annotations

from pathlib import Path

from tokentui import audit
from tokentui.context import Context
from tokentui.crypto import master_key, verify_key
from tokentui.crypto.vault import Vault
from tokentui.errors import WrongState
from tokentui.operations.private_file import write_new


def export_verify_key(context: Context, file: Path | None, *, following: bool = False) -> str:
    """Writes the verify key to a new file of mode 0600, and returns its text; with None it is returned alone.

    `following`: that of the master key which was prepared to follow the present one. Recorded in the audit. Raises
    MasterKeyError without the right master key, UsageError where the file can't be made, and WrongState where no
    master key is prepared.
    """
    vault = context.vault()
    text = verify_key.encoded(_following(context, vault) if following else vault)
    with context.database.write() as session:
        audit.record(session, context, "export-verify-key", None)
        if file is not None:
            write_new(file, text)
        session.commit()
    return text


def _following(context: Context, present: Vault) -> Vault:
    for key in master_key.candidates(context.settings.home, context.environ):
        vault = Vault(key)
        if vault.check_value() != present.check_value():
            return vault
    raise WrongState("no master key is prepared", "run `tokentui vault rotate --prepare` first")
