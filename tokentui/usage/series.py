"""Responses as a series of local days: pure, for the chart, `stats` and CSV alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from tokentui.usage.local_days import LocalDays

CLASSES = ("2xx", "3xx", "4xx", "5xx")

Counts = tuple[int, int, int, int]
"""Responses of 2xx, 3xx, 4xx, 5xx."""

NONE: Counts = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """The responses of one local day. `counted` is False for a day before the count began."""

    date: date
    counts: Counts
    counted: bool = True

    @property
    def total(self) -> int:
        """All responses of the day."""
        return sum(self.counts)

    @property
    def errors(self) -> int:
        """The responses of 4xx and 5xx."""
        return self.counts[2] + self.counts[3]


@dataclass(frozen=True, slots=True)
class Series:
    """Consecutive days, the oldest first, today last."""

    days: tuple[Day, ...]
    counting_since: datetime | None

    @property
    def totals(self) -> Counts:
        """Responses by class, all days together."""
        two, three, four, five = (sum(day.counts[index] for day in self.days) for index in range(4))
        return two, three, four, five

    @property
    def total(self) -> int:
        """All responses."""
        return sum(self.totals)

    @property
    def error_rate(self) -> float:
        """The part of responses that were 4xx or 5xx, 0 to 1."""
        return (self.totals[2] + self.totals[3]) / self.total if self.total else 0.0

    @property
    def a_day(self) -> float:
        """The mean of responses a day, over the days counted."""
        counted = sum(day.counted for day in self.days)
        return self.total / counted if counted else 0.0


def of_days(days: LocalDays, counts: Mapping[int, Counts], *, zone: tzinfo, counting_since: datetime | None) -> Series:
    """The series of these days, with the counts by a day's index; a day without responses is a zero."""
    first = counting_since.astimezone(zone).date() if counting_since else None
    return Series(
        tuple(
            Day(day, counts.get(index, NONE), counted=first is not None and (day >= first or index in counts))
            for index, day in enumerate(days.dates)
        ),
        counting_since,
    )


def csv_text(series: Series) -> str:
    """The days as CSV with a header; nothing in the cells of a day before the count began."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", *CLASSES, "total"))
    for day in series.days:
        writer.writerow(
            (day.date.isoformat(), *(day.counts if day.counted else ("",) * 4), day.total if day.counted else "")
        )
    return out.getvalue()


def axis_step(highest: int, marks: int) -> int:
    """The distance of two marks, so that `marks` of them reach `highest`: 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * marks >= highest:
                return step
        power *= 10
