"""What a token is made of and changed by, and the secrets that it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tokentui.crypto.key_format import Key
from tokentui.records.token import TokenRecord


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
