"""What services give: frozen rows, safe to hand between threads, with nothing of the ORM and no secret in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tokentui.crypto.key_format import Key, format_id
from tokentui.models.damaged import DamagedMoment as DamagedMoment  # services and screens name these from here
from tokentui.models.status import Status as Status


@dataclass(frozen=True, slots=True)
class ModuleRecord:
    """A module of the catalogue with the path prefixes that it covers."""

    slug: str
    name: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtensionRecord:
    """An extension of the catalogue. `modules` is what it gets where it does not ask (empty with `all_modules`)."""

    slug: str
    code: str
    name: str
    description: str
    asks_permissions: bool
    all_modules: bool
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole catalogue, in its own order."""

    extensions: tuple[ExtensionRecord, ...]
    modules: tuple[ModuleRecord, ...]

    def extension(self, slug: str) -> ExtensionRecord:
        """The extension of this slug; raises KeyError."""
        return {extension.slug: extension for extension in self.extensions}[slug]

    def module(self, slug: str) -> ModuleRecord:
        """The module of this slug; raises KeyError."""
        return {module.slug: module for module in self.modules}[slug]


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


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is made of: checked by `create_token`, so it may hold anything that was typed."""

    name: str
    external_id: str | None = None
    description: str = ""
    owner: str = ""
    extension: str = "custom"
    expires_at: datetime | None = None
    all_modules: bool = False
    modules: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenChanges:
    """An edit; a field that is None is left as it is. `external_id` and `owner` are cleared by an empty text.

    `modules` and `all_modules` go together: giving either one replaces the whole permission.
    """

    name: str | None = None
    external_id: str | None = None
    description: str | None = None
    owner: str | None = None
    all_modules: bool | None = None
    modules: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A token with the key that was just made (None where the key was kept).

    `previous_stops_at` is until when the key before it works; None where there is no other. `same_name` is a token that
    had the name of a new one already, for a warning.
    """

    token: TokenRecord
    key: Key | None
    previous_stops_at: datetime | None = None
    same_name: TokenRecord | None = None


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """A secret without its text. `stops_at` None: it works as long as the token does.

    `is_imported`: its key is one of another system, without the token's ID in it.
    """

    created_at: datetime
    stops_at: datetime | None
    last_used_at: datetime | None
    current: bool
    can_show: bool
    is_imported: bool = False


@dataclass(frozen=True, slots=True)
class Revealed:
    """A secret with its key in clear, made by `reveal_keys` only, which records it in the audit."""

    key: Key
    secret: SecretRecord


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


@dataclass(frozen=True, slots=True)
class BulkRefusal:
    """Why an action leaves a token alone. `name` is empty where there is no such token."""

    id: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would do: to these tokens, and not to those."""

    action: Action
    tokens: tuple[TokenRecord, ...]
    refused: tuple[BulkRefusal, ...]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What an action did. `issued` holds the new keys of a rotation."""

    action: Action
    done: tuple[int, ...]
    refused: tuple[BulkRefusal, ...]
    issued: tuple[Issued, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry of the audit. `changes`: field → (old, new), as JSON values. `damaged` as of a token."""

    id: int
    at: datetime
    actor: str
    origin: str
    action: str
    token_id: int | None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()


class TokenInfo(NamedTuple):  # made in a third of a frozen dataclass's time, at each key that is not kept
    """What an application is told of the token. `modules` is `("*",)` for all modules.

    `number` and `secret` are the rows' keys, for counting.
    """

    id: str
    name: str
    external_id: str | None
    extension: str
    modules: tuple[str, ...]
    number: int = 0
    secret: int = 0
