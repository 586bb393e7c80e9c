"""Responses as a series of local days: pure, for the chart, `stats` and CSV alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLASSES = ("2xx", "3xx", "4xx", "5xx")

Counts = tuple[int, int, int, int]
"""Responses of 2xx, 3xx, 4xx, 5xx."""


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


def of_hours(
    hours: Iterable[tuple[int, Counts]], *, days: int, now: datetime, zone: tzinfo, counting_since: datetime | None
) -> Series:
    """Sums (UTC hours since 1970, counts) into the last `days` local days; a day without responses is a zero."""
    today = now.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    sums = {day: [0, 0, 0, 0] for day in dates}
    for hour, counts in hours:
        day = sums.get((EPOCH + timedelta(hours=hour)).astimezone(zone).date())
        if day is not None:
            for index, number in enumerate(counts):
                day[index] += number
    first = counting_since.astimezone(zone).date() if counting_since else None
    return Series(
        tuple(
            Day(day, (s[0], s[1], s[2], s[3]), counted=first is not None and (day >= first or any(s)))
            for day, s in sums.items()
        ),
        counting_since,
    )


def first_hour(*, days: int, now: datetime, zone: tzinfo) -> int:
    """The first UTC hour since 1970 that begins in the oldest of the last `days` local days."""
    return _first_hour_of(now.astimezone(zone).date() - timedelta(days=days - 1), zone)


def first_hours(*, days: int, now: datetime, zone: tzinfo) -> tuple[int, ...]:
    """The same for each of the last `days` local days: 24 apart, but 23 or 25 where the clocks were changed."""
    today = now.astimezone(zone).date()
    return tuple(_first_hour_of(today - timedelta(days=back), zone) for back in range(days - 1, -1, -1))


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


def _first_hour_of(day: date, zone: tzinfo) -> int:
    midnight = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
    # Rounded up: in a zone of half hours, the hour in which the day begins counts to the day before, as in `of_hours`.
    return -((EPOCH - midnight) // timedelta(hours=1))


def whole_ticks(top: int, *, most: int = 5) -> list[int]:
    """Round numbers from 0 to at most `top` to write beside an axis: at most `most` steps, none below 1."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * most >= top:
                return list(range(0, top + 1, step))
        size *= 10
