"""What a line says of a token, checked as where one is made; what `export` writes is read back."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from tokentui import validation
from tokentui.crypto import key_format
from tokentui.crypto.key_format import Key
from tokentui.models.status import Status
from tokentui.records import Catalog, ExtensionRecord
from tokentui.settings import Settings
from tokentui.tokens.policy import TokenPolicy, default_expiry
from tokentui.tokens.writing import refuse_modules_not_asked_for
from tokentui.validation import ValidationError

_SET = (
    "id", "name", "key", "sha256", "external_id", "description", "owner", "extension", "permissions", "networks",
    "expires_at", "status", "created_at", "created_by", "updated_at", "updated_by", "last_used_at",
)  # fmt: skip
_PASSED_OVER = ("requests_30d", "secrets", "damaged")
"""What `export` says of a token and an import can't set."""

_LABEL_LENGTH = 255
_MAY_HAVE_EXPIRED = (Status.EXPIRED, Status.DISABLED, Status.DELETED)


@dataclass(frozen=True, slots=True)
class Rules:
    """What lines are checked by: the catalogue, the settings, and the moment and zone of the operator."""

    catalog: Catalog
    settings: Settings
    now: datetime
    zone: tzinfo
    actor: str


@dataclass(frozen=True, slots=True)
class LineToken:
    """A token as a line describes it. `token_id` None: it gets one. `columns` are those of its row, but the ID.

    `key` is its key in clear, without the right ID where that is still to come; else `sha256` is the digest of one, or
    it has none.
    """

    token_id: int | None
    columns: dict[str, Any]
    modules: tuple[str, ...]
    key: Key | None = field(repr=False)
    sha256: bytes | None = field(repr=False)


def line_token(line: dict[str, Any], rules: Rules) -> LineToken:
    """Checks the fields of a line; raises ValidationError, whose message never holds what the key is."""
    try:
        return _checked(line, rules)
    except ValidationError as error:
        for secret in (line.get("key"), line.get("sha256")):
            # A key that was put into another field too.
            if isinstance(secret, str) and secret and secret[:39] in error.message:
                raise ValidationError(error.field, f"the field {error.field} can't be what it is") from None
        raise


def _checked(line: dict[str, Any], rules: Rules) -> LineToken:
    _refuse_unknown(line)
    if line.get("damaged"):
        raise ValidationError("damaged", "the row that it was exported from is damaged")
    token_id = None if line.get("id") is None else validation.token_id(_text(line, "id"))
    key, sha256, token_id = _key(line, token_id)
    policy = TokenPolicy.of(rules.settings)
    owner = validation.owner(_text(line, "owner"))
    policy.check_owner(owner)
    extension = _extension(line, rules.catalog)
    policy.check_extension(extension)
    all_modules, modules = _permission(line, extension, rules.catalog)
    policy.check_all_modules(all_modules)
    status = _status(line)
    expires_at = _expiry(line, status, rules, policy)
    created_at = _past(line, "created_at", rules) or rules.now
    updated_at = max(_past(line, "updated_at", rules) or rules.now, created_at)
    columns = {
        "name": validation.name(_text(line, "name")),
        "external_id": validation.external_id(_text(line, "external_id")),
        "description": validation.description(_text(line, "description")),
        "owner": owner,
        "extension_slug": extension.slug,
        "all_modules": all_modules,
        "networks": " ".join(validation.networks(_texts(line.get("networks"), "networks"))),
        "created_at": created_at,
        "created_by": _label(line, "created_by") or rules.actor,
        "updated_at": updated_at,
        "updated_by": _label(line, "updated_by") or rules.actor,
        "expires_at": expires_at,
        "disabled_at": updated_at if status is Status.DISABLED else None,
        "deleted_at": updated_at if status is Status.DELETED else None,
        "last_used_at": _past(line, "last_used_at", rules),
    }
    return LineToken(token_id, columns, modules, key, sha256)


def _refuse_unknown(line: dict[str, Any]) -> None:
    for name in line:
        if name not in _SET and name not in _PASSED_OVER:
            near = difflib.get_close_matches(name, _SET, n=1)
            if near:
                raise ValidationError("line", f"there is no field {name!r}: did you mean {near[0]}?")
            # It may be anything, so it is not repeated.
            raise ValidationError("line", f"it has a field that no token has: fields are {', '.join(_SET)}")


def _key(line: dict[str, Any], token_id: int | None) -> tuple[Key | None, bytes | None, int | None]:
    """The key or its SHA-256, and the ID, which a key of our own format has in it."""
    if line.get("key") is not None and line.get("sha256") is not None:
        raise ValidationError("key", "say the key or its sha256, not both")
    if line.get("sha256") is not None:
        text = _text(line, "sha256")
        try:
            digest = bytes.fromhex(text)
        except ValueError:
            digest = b""
        if len(digest) != hashlib.sha256().digest_size or len(text) != 2 * len(digest):
            raise ValidationError("sha256", "the sha256 is not 64 hex digits")
        return None, digest, token_id
    if line.get("key") is None:
        return None, None, token_id
    text = _text(line, "key")
    try:
        key = key_format.parse_key(text)
    except key_format.ChecksumMismatch as error:
        raise ValidationError("key", str(error)) from None
    except key_format.MalformedKey:
        try:
            return Key(token_id or 0, key_format.imported_text(text), is_imported=True), None, token_id
        except key_format.MalformedKey as error:
            raise ValidationError("key", str(error)) from None
    if token_id not in (None, key.token_id):
        raise ValidationError("id", "the id is not the one in the key")
    return key, None, key.token_id


def _extension(line: dict[str, Any], catalog: Catalog) -> ExtensionRecord:
    given = line.get("extension")
    if isinstance(given, dict):
        given = given.get("slug")
    if given is None:
        given = "custom"
    if not isinstance(given, str):
        raise ValidationError("extension", "extension is no text")
    return catalog.extension(validation.extension(given, known={extension.slug for extension in catalog.extensions}))


def _permission(line: dict[str, Any], extension: ExtensionRecord, catalog: Catalog) -> tuple[bool, tuple[str, ...]]:
    """As `export` has it, `{"all": false, "modules": ["usage"]}`, or the slugs alone, or `*` for all."""
    given = line.get("permissions")
    if given == "*":
        given = {"all": True}
    elif isinstance(given, list):
        given = {"modules": given}
    if given is not None and not isinstance(given, dict):
        raise ValidationError("permissions", 'permissions are not like {"all": false, "modules": ["usage"]}')
    own = (extension.all_modules, extension.modules)
    if given is None:
        if not extension.asks_permissions:
            return own
        given = {}
    all_modules = given.get("all", False)
    if not isinstance(all_modules, bool) or not set(given) <= {"all", "modules"}:
        raise ValidationError("permissions", 'permissions are not like {"all": false, "modules": ["usage"]}')
    slugs = _texts(given.get("modules"), "permissions")
    if not extension.asks_permissions:
        if (all_modules, tuple(sorted(slugs))) != (own[0], tuple(sorted(own[1]))):
            refuse_modules_not_asked_for(catalog, extension.slug)
        return own
    in_catalog = {module.slug for module in catalog.modules}
    return all_modules, validation.modules(slugs, known=in_catalog, all_modules=all_modules)


def _status(line: dict[str, Any]) -> Status | None:
    given = line.get("status")
    if given is None:
        return None
    if not isinstance(given, str) or given not in set(Status):
        raise ValidationError("status", f"status is none of {', '.join(Status)}")
    return Status(given)


def _expiry(line: dict[str, Any], status: Status | None, rules: Rules, policy: TokenPolicy) -> datetime | None:
    """A moment to come; a past one where the line itself says that the token does not work."""
    if "expires_at" not in line:
        return default_expiry(rules.settings, rules.now)
    given = line["expires_at"]
    if given is not None and status in _MAY_HAVE_EXPIRED:
        moment = _moment(given)
        if moment is not None and moment <= rules.now:
            return moment
    expires = None
    if given is not None:
        expires = validation.when(_text(line, "expires_at"), now=rules.now, zone=rules.zone, field="expires_at")
    policy.check_expiry(expires, now=rules.now)
    return expires


def _past(line: dict[str, Any], name: str, rules: Rules) -> datetime | None:
    given = line.get(name)
    if given is None:
        return None
    moment = _moment(given)
    if moment is None:
        raise ValidationError(name, f"{name} is not a moment such as 2026-11-24T09:30:00Z, from 1970 on")
    if moment > rules.now:
        raise ValidationError(name, f"{name} lies in the future")
    return moment


def _moment(given: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
        if moment is None or moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= 1970 else None


def _label(line: dict[str, Any], name: str) -> str:
    text = _text(line, name).strip()
    if len(text) > _LABEL_LENGTH or validation.unsafe_character(text):
        raise ValidationError(name, f"{name} is no line of at most {_LABEL_LENGTH} characters")
    return text


def _text(line: dict[str, Any], name: str) -> str:
    value = line.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValidationError(name, f"{name} is no text")
    return value


def _texts(value: object, name: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValidationError(name, f"{name} is no list of texts")
    return value
