"""Which columns the token table has at which width, and what stands in each. Pure: no widget, no style sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tokentui.listing.spec import SortField
from tokentui.records import Status, TokenRecord
from tokentui.ui import wording
from tokentui.ui.text import safe_text

Spark = tuple[tuple[int, int], ...]
"""Responses and errors of each day, the oldest first."""

SPARK_DAYS = 30
_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell needs to know beside its token."""

    now: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, cells wide, the field it sorts by, and its text for a token.

    `wide` is what it takes instead of its width where there is room for all; `grow` its share of what is left over;
    `least` the narrowest table it is shown in.
    """

    title: str
    width: int
    text: Callable[[TokenRecord, CellContext], str]
    sort: SortField | None = None
    least: int = 0
    wide: int = 0
    grow: int = 0
    style: str = ""


def _moment(moment: datetime | None, context: CellContext) -> str:
    return wording.near(moment, context.now, context.zone)


# A table has a cell less than its terminal, for the scrollbar: 139 is a terminal of 140, and all of them fit into it.
COLUMNS: tuple[Column, ...] = (
    Column("Name", 15, lambda token, _: safe_text(token.name), SortField.NAME, grow=3),
    Column("ID", 14, lambda token, _: token.label, SortField.ID),
    Column("External ID", 11, lambda token, _: safe_text(token.external_id or ""), least=139, grow=1, style="dim"),
    Column("Extension", 14, lambda token, _: wording.extension_text(token), SortField.EXTENSION, least=100),
    Column("Permissions", 11, lambda token, _: wording.permissions_text(token)),
    Column("Created", 12, lambda token, at: _moment(token.created_at, at), SortField.CREATED, least=111),
    Column("Expires", 12, lambda token, at: _moment(token.expires_at, at), SortField.EXPIRES),
    Column("Last used", 12, lambda token, at: _moment(token.last_used_at, at), SortField.LAST_USED, least=111),
    Column("Requests", SPARK_DAYS // 2, lambda token, at: "", least=139, wide=SPARK_DAYS, style="spark"),
    Column("Status", 10, lambda token, _: wording.status_text(token.status), SortField.STATUS, style="status"),
)

SORT_ORDER = (SortField.URGENCY, *(column.sort for column in COLUMNS if column.sort is not None))
"""What `s` walks through."""

GAP = 1
MARK_WIDTH = 3


def layout(width: int) -> tuple[tuple[Column, int], ...]:
    """The columns of a table `width` cells wide, each with its width; what is left over goes to those that grow."""
    shown = [column for column in COLUMNS if column.least <= width]
    room = width - MARK_WIDTH - GAP * len(shown)
    widths = [column.width for column in shown]
    wide = [max(column.width, column.wide) for column in shown]
    if sum(wide) <= room:
        widths = wide
    left = max(0, room - sum(widths))
    shares = sum(column.grow for column in shown)
    return tuple((column, cells + left * column.grow // shares) for column, cells in zip(shown, widths, strict=True))


def heading(column: Column, sort: SortField, descending: bool) -> str:
    """The column's title, with an arrow where the list is sorted by it."""
    if column.sort is not sort:
        return column.title
    return f"{column.title} {'↓' if descending else '↑'}"


def sparkline(days: Spark, cells: int = SPARK_DAYS) -> tuple[tuple[str, bool], ...]:
    """A character a day, each with whether a day's errors are worth a look (a tenth, or more, of its responses).

    Where there are fewer cells than days, a character is of two or more days.
    """
    each = -(-len(days) // cells) if cells else 1
    if each > 1:
        days = tuple(_together(days[max(0, end - each) : end]) for end in range(len(days), 0, -each))[::-1]
    highest = max((total for total, _ in days), default=0)
    line = []
    for total, errors in days:
        block = _BLOCKS[min(len(_BLOCKS) - 1, total * len(_BLOCKS) // (highest + 1))] if total else " "
        line.append((block, errors * 10 >= total > 0))
    return tuple(line)


def _together(days: Spark) -> tuple[int, int]:
    return sum(total for total, _ in days), sum(errors for _, errors in days)


def style_of(status: Status) -> str:
    """The component class of a status."""
    return f"token-table--{status.value}"
