"""How entries of the audit are bound to those before them: see `tokentui.audit.chain`. Without SQLAlchemy."""

from __future__ import annotations

import hmac
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tokentui.models.moments import to_micros

if TYPE_CHECKING:
    from tokentui.crypto.vault import Vault

HEAD = "audit_head"
"""The name under which `meta` holds the head."""

HEAD_LAYOUT = struct.Struct(">q32s32s")
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str).encode
_encode_changes = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

Values = dict[str, Any]
"""An entry, by its columns."""


def canonical(row: Mapping[Any, Any]) -> bytes:
    """An entry's columns as bytes that are the same wherever they are read: what its link is made of."""
    at = row["at"]
    moment = to_micros(at) if type(at) is datetime else at
    parts = [row["id"], moment, row["actor"], row["origin"], row["action"], row["token_id"], row["changes"]]
    return _encode(parts).encode("ascii")


def changes_text(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """An entry's changes as it keeps them: sorted and without spaces, since the text is what a link binds."""
    return _encode_changes(changes)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry that was bound: its ID, and its link."""

    entry_id: int
    link: bytes

    def sealed(self, vault: Vault) -> bytes:
        """The text that `meta` holds."""
        return HEAD_LAYOUT.pack(self.entry_id, self.link, self._seal(vault))

    def _seal(self, vault: Vault) -> bytes:
        return vault.link(b"audit head", HEAD_LAYOUT.pack(self.entry_id, self.link, b""))

    @classmethod
    def opened(cls, vault: Vault, value: object) -> Head | None:
        """The head from the text in `meta`; None where that was not written with this master key."""
        if not isinstance(value, bytes) or len(value) != HEAD_LAYOUT.size:
            return None
        entry_id, link, seal = HEAD_LAYOUT.unpack(value)
        head = cls(entry_id, link)
        return head if hmac.compare_digest(seal, head._seal(vault)) else None


class Chain:
    """Gives entries their IDs and links, one after the other."""

    def __init__(self, vault: Vault | None, head: Head, unbound: bytes = b"") -> None:
        """`head` has the ID of the last entry, and the link that the next one follows; `unbound` is what came since."""
        self._last_id, self._link = head.entry_id, head.link
        self._vault = vault
        self._unbound = unbound

    @property
    def head(self) -> Head:
        """The ID of the last entry, and the link that the next one follows."""
        return Head(self._last_id, self._link)

    def bound(self, values: Values) -> Values:
        """The row of an entry: what it says, with its ID and its link, which is empty without a vault."""
        self._last_id += 1
        row = {**values, "id": self._last_id, "link": b""}
        if self._vault is not None:
            row["link"] = self._link = self._vault.link(self._link, self._unbound + canonical(row))
            self._unbound = b""
        return row
