"""Finding the token of a key: also of one that has no ID in it, as it was brought in from another system."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from tokentui.context import Context
from tokentui.crypto.key_format import MalformedKey, format_id, imported_text, parse_key
from tokentui.errors import MasterKeyError
from tokentui.models import KeyForm, Secret
from tokentui.records import Status

_KEY = re.compile(
    r'(?:(?:authorization: *)?apikey +)?(?P<quote>"?)(?P<key>SU(?:-[0-9]{3}){3}:[0-9a-f]{40})(?P=quote)(?![0-9a-f])',
    re.ASCII | re.IGNORECASE,
)


def without_secrets(text: str, field: str = "id") -> str:
    """The filter with `id:SU-…` in place of each whole key, alone or in its header, and the ID of one within a word.

    `field` is what a filter of this kind calls an ID. A key whose checksum is wrong stays, as it may not be one.
    """

    def replaced(match: re.Match[str]) -> str:
        head, _, tail = match["key"].partition(":")
        try:
            token_id = parse_key(f"{head.upper()}:{tail.lower()}").token_id
        except MalformedKey:
            return match[0]
        before = text[: match.start()]
        begins_term = not before or before[-1].isspace() or re.search(r"(?:^|\s)-$", before)
        if begins_term:
            return id_filter(token_id, field)
        return match["quote"] + format_id(token_id) + match["quote"]

    return _KEY.sub(replaced, text) if ":" in text else text


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


def id_filter(token_id: int, field: str = "id") -> str:
    """A filter that shows this token alone (the table's: unless it is deleted); `field` is what it calls an ID."""
    return f"{field}:{format_id(token_id)}"


def with_deleted(filter_text: str) -> str:
    """The filter so that it shows deleted tokens too."""
    return f"{filter_text} status:{','.join(Status)}"
