"""Days on columns: equal bars, the same distance between all dates that are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

_LABEL_COLUMNS = 8
_PERIODS = (1, 2, 7, 14, 28, 56, 112, 364)
_MOST_OF_IT = 0.95
"""The part of the width that must be used before dates may stand closer than a week."""

_MONDAY = 1
"""A Monday, as an ordinal."""


@dataclass(frozen=True, slots=True)
class DayColumns:
    """Where days stand.

    `slots` holds the columns of each day from `first` on, with the gap behind its bar; `bars` those of the bars. Dates
    are written under the days `dated` (indices of the series), the same number of columns apart.
    """

    first: int
    slots: tuple[range, ...]
    bars: tuple[range, ...]
    dated: tuple[int, ...]

    @property
    def shown(self) -> range:
        """The days that have columns, as indices of the series."""
        return range(self.first, self.first + len(self.slots))

    @property
    def width(self) -> int:
        """The columns of all days."""
        return self.slots[-1].stop if self.slots else 0

    def bar(self, day: int) -> range:
        """The columns that a day's bar fills."""
        return self.bars[day - self.first]

    def centre(self, day: int) -> int:
        """The middle column of a day's bar."""
        bar = self.bar(day)
        return bar.start + (len(bar) - 1) // 2

    def day_at(self, column: int) -> int | None:
        """The day that a column belongs to."""
        return next((day for day, slot in zip(self.shown, self.slots, strict=True) if column in slot), None)


def place_days(dates: Sequence[date], width: int, cursor: int) -> DayColumns:
    """Fits consecutive days into `width` columns; where they are too many, those around `cursor` are shown."""
    if not dates or width < 1:
        return DayColumns(0, (), (), ())
    shown = min(len(dates), width)
    first = _window(len(dates), shown, max(0, cursor))
    period, columns = _period(width, shown)
    phases = [(day.toordinal() - _phase(dates[-1], period)) % period for day in dates[first : first + shown]]
    slots, bars = _slots_and_bars(phases[0], shown, period, columns, width)
    while bars[-1].stop > width:  # as more gaps between weeks come to these days than to others
        columns -= 1
        slots, bars = _slots_and_bars(phases[0], shown, period, columns, width)
    dated = tuple(first + place for place, phase in enumerate(phases) if phase == 0)
    return DayColumns(first, slots, bars, dated)


def _slots_and_bars(
    phase: int, shown: int, period: int, columns: int, width: int
) -> tuple[tuple[range, ...], tuple[range, ...]]:
    starts = [_start(phase + place, period, columns) for place in range(shown + 1)]
    # Behind the last day is a gap that may have no room.
    edges = [min(start - starts[0], width) for start in starts]
    slots = tuple(range(left, right) for left, right in pairwise(edges))
    return slots, tuple(_bar(slot, columns, period) for slot in slots)


def _period(width: int, shown: int) -> tuple[int, int]:
    """From one date that is written to the next: in days, and in columns."""
    fits = [(period, width * period // shown) for period in _PERIODS]
    roomy = [fit for fit in fits if fit[1] >= _LABEL_COLUMNS] or fits[-1:]
    weekly = [fit for fit in roomy if fit[0] <= 7] or roomy[:1]
    for period, columns in weekly:
        if columns * shown >= _MOST_OF_IT * width * period:
            return period, columns
    return weekly[-1]


def _start(place: int, period: int, columns: int) -> int:
    """The first column of a day: a period is a whole number of columns, divided in the same way each time."""
    periods, phase = divmod(place, period)
    slot, rest = divmod(columns, period)
    # A few columns that are left over part one week from the next; more of them are spread over the days.
    return periods * columns + (phase * slot if rest <= slot else phase * columns // period)


def _bar(slot: range, columns: int, period: int) -> range:
    """All bars are equally wide, but for those that touch because days are less than two columns apart."""
    width, rest = divmod(columns, period)
    if width >= 2:
        return range(slot.start, slot.start + width - max(1, width // 5))
    return range(slot.start, slot.start + 1) if rest <= width else slot


def _phase(last: date, period: int) -> int:
    """Dates are written under Mondays, or where there is room for more, under the last day and back from it."""
    return _MONDAY if period >= 7 else last.toordinal()


def _window(days: int, shown: int, cursor: int) -> int:
    """The first day shown. It moves by thirds of the window: each move draws everything anew."""
    first = days - shown
    while cursor < first:
        first = max(0, first - max(1, shown // 3))
    return first
