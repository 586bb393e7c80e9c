"""Which tokens a list has, in which order, and a place in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tokentui.errors import UsageError
from tokentui.records import Status, TokenRecord


class SortField(StrEnum):
    """What the list can be sorted by; the ID makes each order total.

    By urgency: expiring and active tokens by their expiry, the soonest first; then disabled, expired and deleted ones,
    in each the latest first. By status: the same within each status, and the statuses in the order of `Status`.
    By requests: the responses of the last 30 local days.
    """

    URGENCY = "urgency"
    NAME = "name"
    ID = "id"
    EXTENSION = "extension"
    CREATED = "created"
    EXPIRES = "expires"
    STATUS = "status"
    LAST_USED = "last-used"
    REQUESTS = "requests"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the list."""

    field: SortField = SortField.URGENCY
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Sort:
        """`expires`, or `-expires` for descending; raises UsageError."""
        name = text.removeprefix("-")
        try:
            return cls(SortField(name), text.startswith("-"))
        except ValueError:
            raise UsageError(f"can't sort by {name[:40]!r}", f"choose {', '.join(SortField)}") from None

    def reversed(self) -> Sort:
        """The same field the other way around."""
        return replace(self, descending=not self.descending)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """Which tokens, in which order. `query` is the filter language; `statuses` narrow it further, by or.

    Deleted tokens are in the list only where they are asked for: by `statuses`, by `include_deleted`, or in the query
    by `status:deleted` or a whole key.
    """

    query: str = ""
    statuses: tuple[Status, ...] = ()
    sort: Sort = Sort()
    include_deleted: bool = False

    @property
    def status(self) -> Status | None:
        """The status that is shown alone; None where there is no single one."""
        return self.statuses[0] if len(self.statuses) == 1 else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: just at the row with this sort value and ID.

    `status` is the row's where statuses are sorted by; the value is then the moment that its status is sorted by. Where
    requests are sorted by there is no value: they grow by themselves, so that those of the row are counted then.
    """

    value: Any
    id: int
    status: Status | None = None


def cursor_of(token: TokenRecord, spec: ListSpec) -> Cursor:
    """The place of a row in the order of `spec`."""
    if spec.sort.field in (SortField.URGENCY, SortField.STATUS):
        moments = {Status.DISABLED: token.disabled_at, Status.DELETED: token.deleted_at}
        return Cursor(moments.get(token.status, token.expires_at), token.id, token.status)
    value: Any = {
        SortField.NAME: token.name,
        SortField.ID: token.id,
        SortField.EXTENSION: token.extension_slug,
        SortField.CREATED: token.created_at,
        SortField.EXPIRES: token.expires_at,
        SortField.LAST_USED: token.last_use_ahead or token.last_used_at,
        SortField.REQUESTS: None,
        SortField.OWNER: token.owner,
    }[spec.sort.field]
    return Cursor(value, token.id)
