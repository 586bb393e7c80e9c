"""The columns of `list`: how each is named on the command line, in JSON and CSV, and what it says of a token."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tokentui.cli.colour import Ink
from tokentui.cli.table import Cell, Column
from tokentui.errors import UsageError
from tokentui.records import Status, TokenRecord
from tokentui.ui import wording

STATUS_INK = {
    Status.ACTIVE: Ink.GREEN,
    Status.EXPIRING: Ink.YELLOW,
    Status.EXPIRED: Ink.RED,
    Status.DISABLED: Ink.DIM,
    Status.DELETED: Ink.DIM,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A token, its responses of 30 days (0 where no column asks for them), and by what its times are told."""

    token: TokenRecord
    requests: int
    now: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class TokenColumn:
    """A column; `name` is for `--columns`, `key` is the same in JSON and CSV."""

    name: str
    key: str
    column: Column
    cell: Callable[[Shown], Cell | str]

    def cell_of(self, shown: Shown) -> Cell:
        """What the column says of a token."""
        cell = self.cell(shown)
        return Cell(cell) if isinstance(cell, str) else cell


def _time(moment: datetime | None, shown: Shown) -> str:
    return wording.near(moment, shown.now, shown.zone)


_ALL = (
    TokenColumn("id", "id", Column("ID"), lambda shown: shown.token.label),
    TokenColumn("name", "name", Column("NAME", 24), lambda shown: shown.token.name),
    TokenColumn(
        "external-id", "external_id", Column("EXTERNAL ID", 8, 8), lambda shown: shown.token.external_id or "—"
    ),
    TokenColumn(
        "description",
        "description",
        Column("DESCRIPTION", 8),
        lambda shown: " / ".join(shown.token.description.splitlines()) or "—",
    ),
    TokenColumn("owner", "owner", Column("OWNER", 6, 6), lambda shown: shown.token.owner or "—"),
    TokenColumn("extension", "extension", Column("EXTENSION", 9, 4), lambda shown: shown.token.extension_name),
    TokenColumn(
        "permissions", "permissions", Column("PERMISSIONS", rank=2), lambda shown: wording.permissions_text(shown.token)
    ),
    TokenColumn(
        "networks", "networks", Column("NETWORKS", 8, 9), lambda shown: " ".join(shown.token.networks) or "any"
    ),
    TokenColumn("created", "created_at", Column("CREATED", rank=7), lambda shown: _time(shown.token.created_at, shown)),
    TokenColumn("created-by", "created_by", Column("CREATED BY", 8), lambda shown: shown.token.created_by),
    TokenColumn("updated", "updated_at", Column("UPDATED"), lambda shown: _time(shown.token.updated_at, shown)),
    TokenColumn("updated-by", "updated_by", Column("UPDATED BY", 8), lambda shown: shown.token.updated_by),
    TokenColumn("expires", "expires_at", Column("EXPIRES", rank=1), lambda shown: _time(shown.token.expires_at, shown)),
    TokenColumn(
        "last-used", "last_used_at", Column("LAST USED", rank=3), lambda shown: _time(shown.token.last_used_at, shown)
    ),
    TokenColumn(
        "requests",
        "requests_30d",
        Column("REQUESTS", rank=5, right=True),
        lambda shown: wording.thousands(shown.requests),
    ),
    TokenColumn(
        "status",
        "status",
        Column("STATUS"),
        lambda shown: Cell(wording.token_status_text(shown.token), STATUS_INK[shown.token.status]),
    ),
)
BY_NAME = {column.name: column for column in _ALL}
_BY_NAME_OR_KEY = BY_NAME | {column.key: column for column in _ALL}


def _named(*names: str) -> tuple[TokenColumn, ...]:
    return tuple(BY_NAME[name] for name in names)


TABLE = _named("id", "name", "extension", "permissions", "expires", "last-used", "status")
WIDE = _named(
    "id", "name", "external-id", "owner", "extension", "permissions", "networks", "created", "expires", "last-used",
    "requests", "status",
)  # fmt: skip


def parse(text: str) -> tuple[TokenColumn, ...]:
    """The columns of `name,status`, by name or JSON key, each once; raises UsageError for one that is not known."""
    names = dict.fromkeys(name.strip().lower() for name in text.split(","))
    return tuple(_column_named(name) for name in names)


def _column_named(name: str) -> TokenColumn:
    if name not in _BY_NAME_OR_KEY:
        near = difflib.get_close_matches(name, _BY_NAME_OR_KEY, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose of {', '.join(BY_NAME)}"
        raise UsageError(f"there is no column {name[:40]!r}", hint)
    return _BY_NAME_OR_KEY[name]


def cells(columns: Sequence[TokenColumn], shown: Shown) -> list[Cell]:
    """A row of the table."""
    return [column.cell_of(shown) for column in columns]
