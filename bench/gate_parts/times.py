"""Can a caller tell by the time of a refusal whether an ID exists? A statistical test, in process and over HTTP."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Sequence

from gate_parts.measure import Table
from gate_parts.sample import Sample
from tokentui.crypto.key_format import new_key

Timed = Callable[[str], int]
"""Asks with this key; nanoseconds."""
BLOCKS = 60


def compare(table: Table, what: str, sample: Sample, timed: Timed, *, count: int) -> None:
    """`count` refusals of each kind in random order, each of another ID."""
    unknown, wrong = _timed_pairs(sample, timed, [1] * count)
    _report(table, what, unknown, wrong, _in_blocks(unknown, wrong))


def compare_ids(table: Table, what: str, sample: Sample, timed: Timed, *, ids: int, times: int) -> None:
    """Of each kind so many IDs, each asked for so many times with other secrets: can one ID be told by its median?"""
    unknown, wrong = _timed_pairs(sample, timed, [times] * ids)
    one, other = (
        [statistics.median(took[start : start + times]) for start in range(0, len(took), times)]
        for took in (unknown, wrong)
    )
    reach = 2.0 * math.sqrt((statistics.variance(one) + statistics.variance(other)) / ids)
    middle = statistics.fmean(one) - statistics.fmean(other)
    _report(table, what, one, other, (middle, middle - reach, middle + reach))


def _timed_pairs(sample: Sample, timed: Timed, times: list[int]) -> tuple[list[float], list[float]]:
    """An unknown and a known ID for each of `times`, asked for so often; the times of both, ID after ID."""
    numbers = {
        False: [sample.free_number() for _ in times],
        True: [int(key[3:14].replace("-", "")) for key in random.sample(sample.keys, len(times))],
    }
    order = [
        (exists, place, new_key(number).text)
        for exists, drawn in numbers.items()
        for place, number in enumerate(drawn)
        for _ in range(times[place])
    ]
    random.shuffle(order)
    for _, _, key in order[:200]:
        timed(key)
    took: dict[bool, list[list[float]]] = {exists: [[] for _ in times] for exists in numbers}
    for exists, place, key in order:
        took[exists][place].append(timed(key))
    unknown, wrong = ([seconds for repeated in took[exists] for seconds in repeated] for exists in (False, True))
    return unknown, wrong


def in_process(verify: Callable[[str], object]) -> Timed:
    """One decision."""

    def timed(key: str) -> int:
        header = f"ApiKey {key}"
        start = time.perf_counter_ns()
        verify(header)
        return time.perf_counter_ns() - start

    return timed


def _report(
    table: Table, what: str, unknown: Sequence[float], wrong: Sequence[float], difference: tuple[float, float, float]
) -> None:
    scale = statistics.median(wrong)
    middle, low, high = (bound / scale for bound in difference)
    chance, p = _rank_sum(unknown, wrong)
    verdict = "TOLD APART" if p < 0.01 and (low > 0 or high < 0) else "not told apart"
    table.add(f"time of a refusal, unknown ID / wrong secret, {what}", statistics.median(unknown) / scale)
    table.say(
        f"    difference {middle:+.2%} (95 %: {low:+.2%} … {high:+.2%}); of a pair the unknown one is slower in "
        f"{chance:.1%} (Mann-Whitney p = {p:.2g}, {len(wrong)} each): {verdict}"
    )


def _in_blocks(unknown: Sequence[float], wrong: Sequence[float]) -> tuple[float, float, float]:
    """Median of unknown less median of wrong, and its 95 % interval, from parts of the whole."""
    size = len(wrong) // BLOCKS
    differences = [
        statistics.median(unknown[start : start + size]) - statistics.median(wrong[start : start + size])
        for start in range(0, size * BLOCKS, size)
    ]
    middle = statistics.fmean(differences)
    reach = 2.0 * statistics.stdev(differences) / math.sqrt(BLOCKS)  # Student's t with 59 degrees of freedom: 2.00
    return middle, middle - reach, middle + reach


def _rank_sum(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """How often one of `one` is the larger of a pair, and Mann-Whitney's two-sided p by the normal approximation."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    total, ties, place = 0.0, 0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        same = end - place
        ties += same**3 - same
        total += (place + end + 1) / 2 * sum(1 for _, group in ranked[place:end] if group == 0)
        place = end
    first, second = len(one), len(other)
    both = first + second
    larger = total - first * (first + 1) / 2
    spread = math.sqrt(first * second / 12 * (both + 1 - ties / (both * (both - 1))))
    z = (larger - first * second / 2) / spread
    return larger / (first * second), math.erfc(abs(z) / math.sqrt(2))
