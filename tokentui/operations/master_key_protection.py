"""Putting a passphrase on the master key's file, another one, or none."""

from __future__ import annotations

import base64
from pathlib import Path

from tokentui import audit
from tokentui.context import Context
from tokentui.crypto import master_key, next_key, protection
from tokentui.errors import MasterKeyError, WrongState


def protect(context: Context, passphrase: bytes | None) -> Path:
    """Has the master key's file open with this passphrase alone, or without one where it is None; returns the file.

    What has the key open goes on. Recorded in the audit. Raises MasterKeyError where the key is closed or is not the
    database's, UsageError for a passphrase that is too short, and WrongState where the key is not in a file of its own,
    or is being changed.
    """
    home, environ = context.settings.home, context.environ
    file = master_key.path(home, environ)
    if file is None or not master_key.is_replaceable(home, environ):
        raise WrongState("the master key is in no file of its own", "protect it where it comes from")
    if any(following.exists() for following in master_key.next_files(home, environ)):
        raise WrongState("another master key is prepared", "run `tokentui vault rotate` first")
    context.vault()
    key = master_key.read(file)
    if key is None:
        raise MasterKeyError(f"the master key {file} is missing", "restore it from your backup")
    text = base64.b64encode(key) + b"\n" if passphrase is None else protection.protected(key, passphrase)
    with context.database.write() as session:
        action = "unprotect-master-key" if passphrase is None else "protect-master-key"
        audit.record(session, context, action, None)
        next_key.replace(file, text)
        session.commit()
    if passphrase is not None:
        protection.session.remember(passphrase)
    return file
