"""Which columns the token table has at which width, and what stands in each. Pure: no widget, no style sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from tokentui.listing.spec import Sort, SortField
from tokentui.records import Status, TokenRecord
from tokentui.ui import wording
from tokentui.ui.text import cell_width, safe_text

DailyUse = tuple[tuple[int, int], ...]
"""Responses, and the errors among them, of each of the last `USE_DAYS` days, the oldest first."""

USE_DAYS = 30


class CellContext(NamedTuple):
    """What a cell depends on besides its token. `use` has the tokens, by ID, whose responses are known."""

    now: datetime
    zone: tzinfo
    use: Mapping[int, DailyUse] = MappingProxyType({})


class CellKind(StrEnum):
    """How a column is drawn."""

    PLAIN = "plain"
    MUTED = "muted"
    NUMBER = "number"
    """Muted, and at the right of its column."""
    STATUS = "status"
    SPARKLINE = "sparkline"


class Column(NamedTuple):
    """A column: its heading, its text for a token, and what the list is sorted by when it is.

    `least` is the narrowest screen that has it. A column that is `elastic` holds text of any length, and shares what
    the others leave. One that is `apart` has two blanks before it on every screen: dates run together with fewer.
    """

    title: str
    text: Callable[[TokenRecord, CellContext], str]
    sort: SortField | None = None
    least: int = 0
    elastic: bool = False
    apart: bool = False
    kind: CellKind = CellKind.PLAIN


def _date(moment: datetime | None, context: CellContext) -> str:
    return wording.short_date(moment, context.now, context.zone)


def _created(token: TokenRecord, context: CellContext) -> str:
    return _date(token.created_at, context)


def _expires(token: TokenRecord, context: CellContext) -> str:
    return _date(token.expires_at, context)


def _last_used(token: TokenRecord, context: CellContext) -> str:
    return _date(token.last_used_at, context)


def _requests(token: TokenRecord, context: CellContext) -> str:
    days = context.use.get(token.id)
    return "" if days is None else wording.thousands(sum(total for total, _ in days))


def _errors(token: TokenRecord, context: CellContext) -> str:
    days = context.use.get(token.id, ())
    total, errors = sum(total for total, _ in days), sum(errors for _, errors in days)
    return wording.percent(errors / total) if total else ""


def _status(token: TokenRecord, _: CellContext) -> str:
    return wording.token_status_text(token)


_STATUS_LEAST = 80

# `least` counts the screen's cells, of which the table has one less: the scrollbar's.
COLUMNS: tuple[Column, ...] = (
    Column("Name", lambda token, _: safe_text(token.name), SortField.NAME, elastic=True),
    Column("ID", lambda token, _: token.label, SortField.ID, least=56),
    Column(
        "External ID", lambda token, _: safe_text(token.external_id or ""), least=160, elastic=True, kind=CellKind.MUTED
    ),
    Column("Extension", lambda token, _: safe_text(token.extension_name), SortField.EXTENSION, least=120, elastic=True),
    Column("Permissions", lambda token, _: wording.permissions_text(token), least=80),
    Column("Created", _created, SortField.CREATED, least=120),
    Column("Expires", _expires, SortField.EXPIRES, apart=True),
    Column("Last used", _last_used, SortField.LAST_USED, least=100, apart=True),
    Column("Requests", _requests, SortField.REQUESTS, least=140, kind=CellKind.NUMBER),
    Column("Errors", _errors, least=140, kind=CellKind.NUMBER),
    Column("30 days", lambda *_: "", least=140, kind=CellKind.SPARKLINE),
    Column(
        "Status",
        lambda token, _: wording.token_status_text(token),
        SortField.STATUS,
        least=_STATUS_LEAST,
        kind=CellKind.STATUS,
    ),
)

SCROLLBAR = 1
MARK_WIDTH = 3

_SPACINGS = ((2, 30), (2, 15), (2, 10), (1, 15), (1, 10))
"""Cells between columns, and cells of the sparkline: the first with which nothing is cut, or the name has room."""
_APART = 2
_ROOM_FOR_NAME = 32
"""Cells of the name from which on no blank is taken from between columns for it, though a name is longer."""


class Layout(NamedTuple):
    """The columns of a table with their widths. `gaps` are the blank cells after each, none after the last.

    `shape` says whether the status's shape stands before the name, as the status has no column.
    """

    columns: tuple[tuple[Column, int], ...]
    gaps: tuple[int, ...]
    shape: bool

    @property
    def left(self) -> int:
        """Where the first column begins."""
        return MARK_WIDTH + (2 if self.shape else 0)


def columns_of(width: int) -> tuple[Column, ...]:
    """The columns of a table `width` cells wide, without its scrollbar."""
    return tuple(column for column in COLUMNS if column.least <= width + SCROLLBAR)


def layout(width: int, needs: Mapping[str, int], sort: Sort) -> Layout:
    """How wide each column of a table is, which is `width` cells wide without its scrollbar.

    `needs` are the cells of the longest text of each column, by its title. A column of any other kind than `elastic`
    has what it needs. Those share the rest, so that none is cut while another has more than it needs; what is left
    over is the name's.
    """
    shown = columns_of(width)
    shape = width + SCROLLBAR < _STATUS_LEAST
    wanted = [max(cell_width(heading(column, sort)), needs.get(column.title, 0)) for column in shown]
    room = width - MARK_WIDTH - (2 if shape else 0)
    for gap, sparkline in _SPACINGS:
        gaps = _gaps(shown, gap)
        cells = _widths(shown, wanted, room - sum(gaps), sparkline)
        is_cut = any(cell < want for column, cell, want in zip(shown, cells, wanted, strict=True) if column.elastic)
        if not is_cut or (cells[0] >= _ROOM_FOR_NAME and sparkline == _SPACINGS[-1][1]):
            break
    return Layout(tuple(zip(shown, cells, strict=True)), gaps, shape)


def _gaps(shown: Sequence[Column], gap: int) -> tuple[int, ...]:
    following = [*shown[1:], None]
    return tuple(0 if column is None else max(gap, _APART) if column.apart else gap for column in following)


def _widths(shown: Sequence[Column], wanted: Sequence[int], room: int, sparkline: int) -> list[int]:
    cells = [
        sparkline if column.kind is CellKind.SPARKLINE else cells for column, cells in zip(shown, wanted, strict=True)
    ]
    elastic = [place for place, column in enumerate(shown) if column.elastic]
    room -= sum(number for place, number in enumerate(cells) if place not in elastic)
    shared = _share(max(0, room), [cells[place] for place in elastic])
    for place, number in zip(elastic, shared, strict=True):
        cells[place] = number
    cells[0] += max(0, room - sum(shared))
    return cells


def needs_of(tokens: Iterable[TokenRecord], context: CellContext) -> dict[str, int]:
    """The cells of the longest text of each column, by its title."""
    needs = dict.fromkeys((column.title for column in COLUMNS), 0)
    for token in tokens:
        for column in COLUMNS:
            needs[column.title] = max(needs[column.title], cell_width(column.text(token, context)))
    return needs


def heading(column: Column, sort: Sort) -> str:
    """The column's title, with an arrow where the list is sorted by it."""
    if column.sort is None or column.sort is not sort.field:
        return column.title
    return f"{column.title} {'↓' if sort.descending else '↑'}"


def _share(room: int, needs: list[int]) -> list[int]:
    """Cells for each: what it needs, or else as much as any other that lacks some."""
    cells = [0] * len(needs)
    for place, index in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        cells[index] = min(needs[index], room // (len(needs) - place))
        room -= cells[index]
    return cells


def style_of(status: Status) -> str:
    """The component class of a status."""
    return f"token-table--{status.value}"
