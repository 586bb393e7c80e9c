"""What a decision reads from the database: the statements, and a row as a credential."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, Protocol

from tokentui.errors import DatabaseError
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.policy import EVERY_MODULE, Credential
from tokentui.records import TokenInfo

SecretRow = Sequence[Any]
"""A row of the statements below, in the order of `COLUMNS`. The first five are asked for by place."""

NUMBER, SECRET, DIGEST, STOPS_AT = 1, 2, 3, 4

COLUMNS = """
{epoch}, s.token_id, s.id, s.digest, s.stops_at, t.name, t.external_id,
t.extension_slug, t.networks, t.expires_at, t.disabled_at, t.deleted_at,
CASE WHEN t.all_modules THEN '*'
     ELSE (SELECT {join}(m.module_slug, ' ') FROM token_modules m WHERE m.token_id = t.id) END
"""
# Every secret of a token; of the next one where nobody has this number, and of the first one after the last: whoever
# is refused then waited for the same work, and can't tell by the time whether an ID exists.
ALL_SECRETS = """
SELECT {columns} FROM secrets s JOIN tokens t ON t.id = s.token_id
WHERE s.token_id = (SELECT min(token_id) FROM secrets WHERE token_id >=
                    (SELECT CASE WHEN max(token_id) >= {id} THEN {id} ELSE 0 END FROM secrets))
"""
# The secret that works longest, mostly the only one, of the same token: two searches less, one of them in `tokens`.
NEWEST_SECRET = """
SELECT {columns} FROM tokens t CROSS JOIN secrets s
WHERE s.token_id = t.id AND t.id > {id} - 1 ORDER BY t.id, s.stops_at DESC LIMIT 1
"""  # noqa: S105 - a statement
# A key of another system has no ID in it: the unique index on digests leads to it.
BY_DIGEST = """
SELECT {columns} FROM secrets s JOIN tokens t ON t.id = s.token_id
WHERE s.digest = {digest} AND s.form > 0
"""
HAS_IMPORTED = "SELECT EXISTS (SELECT 1 FROM secrets WHERE form > 0)"
EPOCH = "SELECT value FROM epoch WHERE id = 1"
KEY_STATE = "SELECT name, value FROM meta WHERE name IN ('key_check', 'former_verify_keys')"
PATHS = "SELECT p.prefix, p.module_slug, m.name FROM module_paths p JOIN modules m ON m.slug = p.module_slug"

_new = tuple.__new__


class Connection(Protocol):
    """A way to the rows of one database. One thread at a time."""

    generation: int
    """Grows when the database itself is another one: its epochs say nothing about those of the one before."""
    newest_secret: str
    all_secrets: str
    by_digest: str
    rows_tell_epoch: bool
    """Whether each row of these statements begins with the epoch, so that it is not asked for before."""

    def changed(self) -> bool:
        """Whether anything was committed, or the database replaced, since the last call."""

    def rows(self, statement: str, *parameters: int | bytes) -> Sequence[SecretRow]:
        """All rows of a statement, in a transaction of its own."""

    def close(self) -> None:
        """Gives the connection back."""


def credential_of(row: SecretRow, token_id: str) -> Credential:
    """A row as a credential; `token_id` is its number as it is written.

    Raises DatabaseError, which names the token, where a value is none that the program could have written.
    """
    (
        _,
        number,
        secret,
        _,
        stops_at,
        name,
        external_id,
        extension,
        networks,
        expires_at,
        disabled_at,
        deleted_at,
        slugs,
    ) = row
    if not (
        type(stops_at) is type(expires_at) is int
        and type(name) is type(extension) is str
        and (external_id is None or type(external_id) is str)
        and (slugs is None or type(slugs) is str)
    ):
        raise damaged_row(token_id)
    modules = EVERY_MODULE if slugs == "*" else tuple(sorted((slugs or "").split()))
    # Past the constructors that NamedTuple writes: these are most of what a credential costs.
    token = _new(TokenInfo, (token_id, name, external_id, extension, modules, number, secret))
    refused = None
    if deleted_at is not None:
        refused = Decision(Reason.DELETED, token)
    elif disabled_at is not None:
        refused = Decision(Reason.DISABLED, token)
    try:
        within = tuple(ipaddress.ip_network(network) for network in networks.split()) if networks else ()
    except (AttributeError, ValueError):
        raise damaged_row(token_id) from None
    return _new(Credential, (_new(Decision, (Reason.VALID, token, None)), refused, stops_at, expires_at, within))


def damaged_row(token_id: str) -> DatabaseError:
    """What to raise where a row of this token holds a value that the program never writes."""
    return DatabaseError(f"the row of token {token_id} is damaged", "run `tokentui db check`, or restore a backup")
