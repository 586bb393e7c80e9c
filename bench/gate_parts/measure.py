"""Rounds that take turns, and the table of their ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping

Rates = Mapping[str, list[float]]


def rate(work: Callable[[str], object], values: Iterable[str]) -> float:
    """Calls a second."""
    values = list(values)
    start = time.perf_counter()
    for value in values:
        work(value)
    return len(values) / (time.perf_counter() - start)


def interleaved(works: Mapping[str, Callable[[], float]], rounds: int) -> Rates:
    """The rates of each work, round by round: whatever else the machine does then hits all of them alike.

    A round before the first is not counted: it warms all caches.
    """
    rates: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        # Every other round backwards, so that none always follows the same one.
        for name in list(works)[:: -1 if number % 2 else 1]:
            value = works[name]()
            if number:
                rates[name].append(value)
    return rates


def ratio(rates: Rates, one: str, other: str) -> float:
    """The median over the rounds of one rate by the other in the same round."""
    return statistics.median(a / b for a, b in zip(rates[one], rates[other], strict=True))


class Table:
    """Prints a line as soon as it is measured, and all of them at the end."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._print(f"{'what':<86} {'ratio':>9}  target")

    def add(self, what: str, value: float, target: str = "") -> None:
        """`target` is "≥ 1.5", or a limit with words after it, or nothing."""
        shown = f"{value:9.2f}" if value < 100 else f"{value:9.0f}"
        missed = target.startswith("≥") and value < float(target.split()[1])
        self._print(f"{what:<86} {shown}  {target}{'  MISSED' if missed else ''}".rstrip())

    def say(self, text: str) -> None:
        """A line that is no ratio: what could not be measured, or what a test said."""
        self._print(text)

    def again(self) -> None:
        """Everything once more, without what other programs wrote in between."""
        print("\n" + "\n".join(self._lines), flush=True)

    def _print(self, line: str) -> None:
        self._lines.append(line)
        print(line, flush=True)
