"""A copy of the master key: without one, a disk that dies takes every key with it that must be shown or checked again.

Operators are reminded until a copy was made by `backup`, or they have said that there is one.
"""

from __future__ import annotations

import base64
from pathlib import Path

from sqlalchemy import delete, insert

from tokentui import audit
from tokentui.context import Context
from tokentui.crypto import master_key, protection
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
    """The key with this check value, as its file has it: one that is protected stays so."""
    home, environ = context.settings.home, context.environ
    file = master_key.path(home, environ)
    for one in (*master_key.next_files(home, environ), *([] if file is None else [file])):
        content = master_key.read_file(one, "the master key")
        if content is None or not protection.is_protected(content):
            continue
        if Vault(protection.session.opened(content, one)).check_value() == check_value:
            return content.decode("ascii").strip()
    for key in master_key.candidates(home, environ):
        if Vault(key).check_value() == check_value:
            return base64.b64encode(key).decode("ascii")
    raise MasterKeyError("the master key was changed meanwhile", "try again")
