"""Finding the token of a key that has no ID in it: one that was brought in from another system."""

from __future__ import annotations

from sqlalchemy import func, select

from tokentui.context import Context
from tokentui.crypto.key_format import MalformedKey, format_id, imported_text
from tokentui.errors import MasterKeyError
from tokentui.models import KeyForm, Secret
from tokentui.records import Status


def token_of_imported_key(context: Context, text: str) -> int | None:
    """The ID of the token, of any status, that has this key of another system, whatever became of the key.

    None where there is none, or no master key to recognise it with: then nothing is said.
    """
    try:
        key = imported_text(text.strip())
    except MalformedKey:
        return None
    imported = Secret.form > KeyForm.OWN.value
    with context.database.read() as session:
        if session.scalar(select(Secret.id).where(imported).limit(1)) is None:
            return None
        try:
            digests = context.vault_for_reading(session).digests(key)
        except MasterKeyError:
            return None
        return session.scalar(select(Secret.token_id).where(Secret.digest.in_(digests), imported).limit(1))


def imported_keys_number(context: Context) -> int:
    """How many keys of other systems work or would work."""
    query = select(func.count()).where(Secret.form > KeyForm.OWN.value, Secret.stops_at > context.now())
    with context.database.read() as session:
        return session.scalar(query) or 0


def filter_for(token_id: int) -> str:
    """A filter that shows this token alone, also where it is deleted."""
    return f"id:{format_id(token_id)} status:{','.join(Status)}"
