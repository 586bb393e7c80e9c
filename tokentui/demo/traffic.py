"""Responses as an API would have sent them: busy on working days, quiet at night, with one bad morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import exp
from random import Random

from tokentui.models.slots import SLOTS_A_DAY, slot_of
from tokentui.usage.series import ClassCounts

INCIDENT_DAYS_AGO = 12
INCIDENT_HOURS = range(8, 13)
_WEEKDAYS = (1.0, 1.05, 1.1, 1.0, 0.9, 0.35, 0.25)
_THURSDAY = 3
"""The weekday of 1970-01-01."""

_SLOTS_AN_HOUR = SLOTS_A_DAY // 24
# The part of a day's requests that falls into an hour of it; a bell around 13:00 UTC over a low floor.
_HOURS = tuple(0.012 + 0.09 * exp(-(((hour - 13) / 4.2) ** 2)) for hour in range(24))


def hours(
    first: datetime, last: datetime, *, daily: int, errors: float, now: datetime, random: Random
) -> Iterator[tuple[int, ClassCounts]]:
    """The hours between two moments that had responses: the slot that each begins with, and its counts.

    An hour in one slot: nothing that is shown of samples is finer, and a quarter of the rows is written.
    """
    incident = slot_of(now - timedelta(days=INCIDENT_DAYS_AGO)) // SLOTS_A_DAY
    end = slot_of(last - timedelta(microseconds=1)) + 1
    means = [[daily * of_week * of_day for of_day in _HOURS] for of_week in _WEEKDAYS]
    for slot in range(slot_of(first) // _SLOTS_AN_HOUR * _SLOTS_AN_HOUR, end, _SLOTS_AN_HOUR):
        day, of_day = divmod(slot, SLOTS_A_DAY)
        hour = of_day // _SLOTS_AN_HOUR
        mean = means[(day + _THURSDAY) % 7][hour]
        requests = round(random.gauss(mean, mean**0.5))
        if requests > 0:
            yield slot, _split(requests, errors, day == incident and hour in INCIDENT_HOURS, random)


def _split(requests: int, errors: float, broken: bool, random: Random) -> ClassCounts:
    server = _part(requests, 0.3 if broken else 0.0006, random)
    client = _part(requests, 0.2 if broken else errors, random)
    redirection = _part(requests, 0.002, random)
    return max(0, requests - server - client - redirection), redirection, client, server


def _part(requests: int, part: float, random: Random) -> int:
    mean = requests * part
    if mean < 1:
        return 1 if random.random() < mean else 0
    return min(requests, max(0, round(random.gauss(mean, mean**0.5))))
