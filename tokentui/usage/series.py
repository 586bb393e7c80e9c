"""Responses as a series of local days, for the chart, `stats` and CSV. Nothing here reads a database or a clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from tokentui.usage.local_days import LocalDays

CLASSES = ("2xx", "3xx", "4xx", "5xx")

ClassCounts = tuple[int, int, int, int]
"""Numbers of responses of 2xx, 3xx, 4xx and 5xx, in this order."""

NO_RESPONSES: ClassCounts = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """The responses of one local day. `counted` is False for a day before the count began."""

    date: date
    counts: ClassCounts
    counted: bool = True

    @property
    def total(self) -> int:
        """All responses of the day, whatever their class."""
        return sum(self.counts)

    @property
    def errors(self) -> int:
        """The responses of 4xx and 5xx."""
        return self.counts[2] + self.counts[3]


@dataclass(frozen=True, slots=True)
class Series:
    """Consecutive local days, the oldest first, today last; `counting_since` is when the count began (aware UTC)."""

    days: tuple[Day, ...]
    counting_since: datetime | None

    @property
    def totals(self) -> ClassCounts:
        """The responses of all days together, by class."""
        two, three, four, five = (sum(day.counts[index] for day in self.days) for index in range(4))
        return two, three, four, five

    @property
    def total(self) -> int:
        """All responses of all days."""
        return sum(self.totals)

    @property
    def error_rate(self) -> float:
        """The part of all responses that were 4xx or 5xx, from 0 to 1; 0 where there were none."""
        return (self.totals[2] + self.totals[3]) / self.total if self.total else 0.0

    @property
    def mean_per_day(self) -> float:
        """The mean number of responses a day, over the days that were counted."""
        counted = sum(day.counted for day in self.days)
        return self.total / counted if counted else 0.0


def series_of(
    days: LocalDays, counts: Mapping[int, ClassCounts], *, zone: tzinfo, counting_since: datetime | None
) -> Series:
    """Puts counts, by the index of their day in `days`, into a series; a day without responses counts zero.

    `counting_since` is when the first token was made (aware): days of `zone` before it are marked as not counted.
    """
    first = counting_since.astimezone(zone).date() if counting_since else None
    return Series(
        tuple(
            Day(day, counts.get(index, NO_RESPONSES), counted=first is not None and (day >= first or index in counts))
            for index, day in enumerate(days.dates)
        ),
        counting_since,
    )


def csv_text(series: Series) -> str:
    """The days as CSV (RFC 4180, but with line feeds) with a header; a day that was not counted has empty cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", *CLASSES, "total"))
    for day in series.days:
        writer.writerow(
            (day.date.isoformat(), *(day.counts if day.counted else ("",) * 4), day.total if day.counted else "")
        )
    return out.getvalue()
