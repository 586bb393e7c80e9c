"""Responses as an API would have sent them: busy on working days, quiet at night, with one bad morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random

from tokentui.models import slot_of
from tokentui.usage.series import ClassCounts

INCIDENT_DAYS_AGO = 12
INCIDENT_HOURS = range(8, 13)
_WEEKDAYS = (1.0, 1.05, 1.1, 1.0, 0.9, 0.35, 0.25)
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


def slots(
    first: datetime, last: datetime, *, daily: int, errors: float, now: datetime, random: Random
) -> Iterator[tuple[int, ClassCounts]]:
    """(slot, counts) between two moments, slots without a response left out."""
    incident = (now - timedelta(days=INCIDENT_DAYS_AGO)).date()
    hour = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < last:
        mean = daily * _WEEKDAYS[hour.weekday()] * _hour_shape(hour.hour)
        broken = hour.date() == incident and hour.hour in INCIDENT_HOURS
        requests = max(0, round(random.gauss(mean, mean**0.5)))
        if requests:
            until = min(hour + _HOUR, last)
            yield from _spread(
                _split(requests, errors, broken, random), slot_of(hour), slot_of(until - _MICROSECOND) + 1
            )
        hour += _HOUR


def _spread(counts: ClassCounts, first: int, end: int) -> Iterator[tuple[int, ClassCounts]]:
    """An hour's responses evenly over its slots."""
    for number, slot in enumerate(range(first, end)):
        two, three, four, five = (n * (number + 1) // (end - first) - n * number // (end - first) for n in counts)
        if two or three or four or five:
            yield slot, (two, three, four, five)


def _hour_shape(hour: int) -> float:
    """The part of a day's requests that falls into an hour of it; a bell around 13:00 UTC over a low floor."""
    return 0.012 + 0.09 * exp(-(((hour - 13) / 4.2) ** 2))


def _split(requests: int, errors: float, broken: bool, random: Random) -> ClassCounts:
    server = _part(requests, 0.3 if broken else 0.0006, random)
    client = _part(requests, 0.2 if broken else errors, random)
    redirection = _part(requests, 0.002, random)
    return max(0, requests - server - client - redirection), redirection, client, server


def _part(requests: int, part: float, random: Random) -> int:
    mean = requests * part
    if mean < 1:
        return int(random.random() < mean)
    return min(requests, max(0, round(random.gauss(mean, mean**0.5))))
