"""What a draft is checked against: the clock, the catalogue, and how long a token may live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tokentui.context import Context
from tokentui.records import Catalog

PRESETS: tuple[tuple[str, timedelta], ...] = (
    ("7 days", timedelta(days=7)),
    ("30 days", timedelta(days=30)),
    ("60 days", timedelta(days=60)),
    ("90 days", timedelta(days=90)),
    ("180 days", timedelta(days=180)),
    ("1 year", timedelta(days=365)),
)
"""The lifetimes that are offered, by their names."""


@dataclass(frozen=True, slots=True)
class DraftLimits:
    """What holds at one moment. `now` is aware UTC, `zone` the operator's, `max_lifetime` None where none is set."""

    now: datetime
    zone: tzinfo
    catalog: Catalog
    max_lifetime: timedelta | None = None

    @classmethod
    def of(cls, context: Context, catalog: Catalog) -> DraftLimits:
        """What holds at this moment."""
        return cls(context.now(), context.zone, catalog, context.settings.max_lifetime)

    def presets(self) -> tuple[tuple[str, timedelta], ...]:
        """The presets that the longest lifetime allows."""
        return tuple((name, time) for name, time in PRESETS if self.max_lifetime is None or time <= self.max_lifetime)

    @property
    def may_be_perpetual(self) -> bool:
        """Whether a token may never expire."""
        return self.max_lifetime is None
