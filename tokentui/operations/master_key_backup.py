"""A copy of the master key: without one, a disk that dies takes every key with it that must be shown or checked again.

Operators are reminded until a copy was made by `backup`, or they have said that there is one.
"""

from __future__ import annotations

import base64
from pathlib import Path

from sqlalchemy import delete, insert

from tokentui import audit
from tokentui.context import Context
from tokentui.crypto import master_key
from tokentui.crypto.vault import Vault
from tokentui.errors import MasterKeyError
from tokentui.keyring import BACKED_UP
from tokentui.models import Meta
from tokentui.operations.private_file import write_new


def backup(context: Context, file: Path | None) -> None:
    """Writes the master key to a new file of mode 0600; with None it is only noted that there is a copy.

    Recorded in the audit. Raises MasterKeyError without the right master key, UsageError where the file can't be made.
    """
    check_value = context.vault().check_value()
    with context.database.write() as session:
        audit.record(session, context, "backup-master-key", None)
        session.execute(delete(Meta).where(Meta.name == BACKED_UP))
        session.execute(insert(Meta).values(name=BACKED_UP, value=check_value))
        if file is not None:
            write_new(file, _text(context, check_value))
        session.commit()


def _text(context: Context, check_value: bytes) -> str:
    for key in master_key.candidates(context.settings.home, context.environ):
        if Vault(key).check_value() == check_value:
            return base64.b64encode(key).decode("ascii")
    raise MasterKeyError("the master key was changed meanwhile", "try again")
