"""Which tokens a list has, in which order, and a place in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tokentui.errors import UsageError
from tokentui.records import Status, TokenRecord


class SortField(StrEnum):
    """What the list can be sorted by; the ID makes each order total."""

    NAME = "name"
    ID = "id"
    EXTENSION = "extension"
    CREATED = "created"
    EXPIRES = "expires"
    STATUS = "status"
    LAST_USED = "last-used"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the list."""

    field: SortField = SortField.EXPIRES
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
    """Which tokens, in which order. `query` is the filter language; `status` narrows it further."""

    query: str = ""
    status: Status | None = None
    sort: Sort = Sort()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: just at the row with this sort value and ID."""

    value: Any
    id: int


def cursor_of(token: TokenRecord, spec: ListSpec) -> Cursor:
    """The place of a row in the order of `spec`."""
    value: Any = {
        SortField.NAME: token.name,
        SortField.ID: token.id,
        SortField.EXTENSION: token.extension_slug,
        SortField.CREATED: token.created_at,
        SortField.EXPIRES: token.expires_at,
        SortField.STATUS: list(Status).index(token.status),
        SortField.LAST_USED: token.last_used_at,
    }[spec.sort.field]
    return Cursor(value, token.id)
