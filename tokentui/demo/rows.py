"""From a sample to the rows of its tables, as these store them: tuples, in the order of `COLUMNS`.

Without the ORM, nor the types of its columns: they would take four times as long as all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tokentui.clock import utc_text
from tokentui.crypto.key_format import new_key
from tokentui.crypto.vault import Vault
from tokentui.demo.samples import Sample
from tokentui.models.audit_links import changes_text
from tokentui.models.moments import EPOCH, LATEST, from_micros, to_micros
from tokentui.records import Catalog

Row = tuple[Any, ...]
Entry = dict[str, Any]
"""An entry of the audit, by its columns."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tokens": (
        "id", "name", "external_id", "description", "owner", "extension_slug", "all_modules", "networks", "created_at",
        "created_by", "updated_at", "updated_by", "expires_at", "disabled_at", "deleted_at", "last_used_at",
        "last_used_from", "version",
    ),
    "token_modules": ("token_id", "module_slug"),
    "secrets": ("token_id", "digest", "sealed", "created_at", "stops_at", "last_used_at", "created_by"),
    "audit": ("id", "at", "actor", "origin", "action", "token_id", "changes", "link"),
    "meta": ("name", "value"),
    "usage": ("token_id", "slot", "success", "redirection", "client_error", "server_error"),
}  # fmt: skip
"""The columns of each table that rows are made for, in an order that satisfies the foreign keys."""

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_NEVER_USED = to_micros(EPOCH)
NEVER = to_micros(LATEST)
"""When a secret without an end stops, and a token without an expiry expires."""


class LastUse(NamedTuple):
    """When a token was used last, in microseconds since 1970, and from which address."""

    at: int = _NEVER_USED
    address: str = ""


class RowMaker:
    """Makes the rows of samples; their times count from `now`."""

    def __init__(self, vault: Vault, catalog: Catalog, now: datetime) -> None:
        self.vault = vault
        self.catalog = catalog
        self.now = now
        self._now = to_micros(now)

    def token(self, sample: Sample, use: LastUse) -> tuple[Row, list[Row]]:
        """The token, and the modules that are open to it."""
        extension = self.catalog.extension(sample.extension)
        slugs = sample.modules if extension.asks_permissions else extension.modules
        changes = [self.before(at) for at in (sample.created, sample.disabled, sample.deleted) if at is not None]
        if sample.overlap is not None:
            changes.append(self._now - _HOUR)
        token = (
            sample.id,
            sample.name,
            sample.external_id,
            sample.description,
            sample.owner,
            sample.extension,
            extension.all_modules or not slugs,
            " ".join(sample.networks),
            changes[0],
            sample.by,
            max(changes),
            sample.by,
            NEVER if sample.expires is None else self.before(-sample.expires),
            None if sample.disabled is None else self.before(sample.disabled),
            None if sample.deleted is None else self.before(sample.deleted),
            *use,
            len(changes),
        )
        return token, [(sample.id, slug) for slug in slugs]

    def secrets(self, sample: Sample, use: LastUse) -> Iterator[Row]:
        """One secret, and before it the old one where it still works."""
        created = self.before(sample.created)
        if sample.overlap is not None:
            yield self._secret(sample, created, self._now + round(sample.overlap * _HOUR), _NEVER_USED)
            created = self._now - _HOUR
        yield self._secret(sample, created, NEVER, use.at)

    def audit(self, sample: Sample) -> Iterator[Entry]:
        """What was done to the token, the oldest first, without IDs and links."""
        created = changes_text({"name": (None, sample.name)})
        yield self._entry(sample, "create", self.before(sample.created), created)
        if sample.overlap is not None:
            stops = from_micros(self._now + round(sample.overlap * _HOUR))
            changes = changes_text({"previous_stops_at": (None, utc_text(stops))})
            yield self._entry(sample, "rotate", self._now - _HOUR, changes)
        if sample.disabled is not None:
            yield self._entry(sample, "disable", self.before(sample.disabled))
        if sample.deleted is not None:
            yield self._entry(sample, "delete", self.before(sample.deleted))

    def before(self, days: float) -> int:
        """`days` before now, on a whole minute, in microseconds since 1970."""
        return (self._now - round(days * _DAY)) // _MINUTE * _MINUTE

    def _secret(self, sample: Sample, created: int, stops: int, used: int) -> Row:
        key = new_key(sample.id)
        return sample.id, self.vault.digest(key.text), self.vault.seal(key), created, stops, used, sample.by

    def _entry(self, sample: Sample, action: str, at: int, changes: str = "{}") -> Entry:
        actor, _, origin = sample.by.partition("@")
        token_id = sample.id
        return {
            "at": at, "actor": actor, "origin": origin, "action": action, "token_id": token_id, "changes": changes
        }  # fmt: skip
