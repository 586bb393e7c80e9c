"""A token, and what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tokentui.crypto.key_format import format_id
from tokentui.models.status import Status


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token as it stood at one moment; `status` is that moment's. Times are aware UTC, None is never.

    `owner` is who answers for it, empty where nobody is named. `damaged` names the fields whose columns hold what the
    program never writes; they have a value that is safe to show.
    """

    id: int
    name: str
    external_id: str | None
    description: str
    owner: str
    extension_slug: str
    extension_name: str
    extension_code: str
    all_modules: bool
    modules: tuple[str, ...]
    networks: tuple[str, ...]
    status: Status
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    expires_at: datetime | None
    disabled_at: datetime | None
    deleted_at: datetime | None
    last_used_at: datetime | None
    last_used_from: str
    version: int
    damaged: tuple[str, ...] = ()
    last_use_ahead: datetime | None = None
    """The last use as it is stored, where a clock that was wrong put it ahead of now: the list is sorted by it."""

    @property
    def label(self) -> str:
        """The ID as people see it, `SU-631-646-036`."""
        return format_id(self.id)


class Action(StrEnum):
    """What can be done to a token; `tokens.states` says to which, `tokens.states.BULK_ACTIONS` what to many at once."""

    EDIT = "edit"
    REVEAL = "reveal"
    ROTATE = "rotate"
    RENEW = "renew"
    STOP_OLD = "stop-old"
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"
