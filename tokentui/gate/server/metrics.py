"""What `/metrics` tells, for Prometheus. Kept in plain numbers and put into families when it is asked for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from tokentui import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meter(Collector):
    """Counts decisions; `more` adds what others know. No token's name or ID is ever a label."""

    def __init__(self, more: Callable[[], Iterator[Metric]]) -> None:
        self._lock = threading.Lock()
        self._decisions: Counter[str] = Counter()
        self._seconds = 0.0
        self._more = more
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def add(self, reason: str, seconds: float) -> None:
        """One decision, and how long it took. From any thread."""
        with self._lock:
            self._decisions[reason] += 1
            self._seconds += seconds

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing: what there is to collect is not known before it is asked for."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The families; called by the registry."""
        with self._lock:
            numbers, seconds = dict(self._decisions), self._seconds
        decisions = CounterMetricFamily(
            "tokentui_auth_requests", "Requests that the gate was asked about, by what it said.", labels=["reason"]
        )
        for reason, number in sorted(numbers.items()):
            decisions.add_metric([reason], number)
        yield decisions
        yield SummaryMetricFamily(
            "tokentui_auth_seconds",
            "Seconds that decisions took.",
            count_value=sum(numbers.values()),
            sum_value=seconds,
        )
        info = GaugeMetricFamily("tokentui_build_info", "The version that runs.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield from self._more()
