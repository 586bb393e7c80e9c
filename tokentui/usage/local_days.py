"""Which slots of 15 minutes belong to which local date, in any time zone.

A slot belongs to the date on which it begins. That is exact where a zone's midnight and its changes fall on a quarter
of an hour, as they do everywhere now; where they did not (clocks were changed at 00:01 in St. John's until 2011), the
requests of the slot in between count to the date of its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise

from tokentui.models.slots import SLOTS_A_DAY, slot_of, slot_start

OUTSIDE = -1
"""The index of a date that is none of the wanted ones."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive slots of one date, from `first` until before `end`; `day` is the date's index, or OUTSIDE."""

    first: int
    end: int
    day: int


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Consecutive dates, the oldest first, and their slots as runs without a gap between them.

    A date has one run as a rule; two where the clocks were turned back over midnight, and none where they skipped it.
    """

    dates: tuple[date, ...]
    runs: tuple[Run, ...]

    @property
    def first(self) -> int:
        """The first slot of the first date."""
        return self.runs[0].first

    @property
    def end(self) -> int:
        """The slot behind the last one of the last date."""
        return self.runs[-1].end


def last_days(days: int, *, now: datetime, zone: tzinfo) -> LocalDays:
    """The last `days` (at least 1) dates of the zone, the one that it is at `now` among them."""
    today = now.astimezone(zone).date()
    dates = tuple(today - timedelta(days=back) for back in range(days - 1, -1, -1))
    index = {day: number for number, day in enumerate(dates)}
    # No zone is further than a day from UTC.
    start = _day_number(dates[0]) - 1
    changes = [change for day in range(start, _day_number(today) + 3) for change in _date_changes(day, zone)]
    runs = [Run(first, end, index.get(day, OUTSIDE)) for (first, day), (end, _) in pairwise(changes)]
    while runs[0].day == OUTSIDE:
        runs.pop(0)
    while runs[-1].day == OUTSIDE:
        runs.pop()
    return LocalDays(dates, tuple(_joined(runs)))


def _day_number(day: date) -> int:
    """Whole days of UTC since 1970."""
    return slot_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) // SLOTS_A_DAY


@lru_cache(8192)
def _date_changes(utc_day: int, zone: tzinfo) -> tuple[tuple[int, date], ...]:
    """The slots of a day of UTC at which another local date begins, and its first slot, each with its date."""
    changes: list[tuple[int, date]] = []
    for slot in range(utc_day * SLOTS_A_DAY, (utc_day + 1) * SLOTS_A_DAY):
        day = slot_start(slot).astimezone(zone).date()
        if not changes or changes[-1][1] != day:
            changes.append((slot, day))
    return tuple(changes)


def _joined(runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].day == run.day:
            joined[-1] = Run(joined[-1].first, run.end, run.day)
        else:
            joined.append(run)
    return joined
