"""What a draft is checked against: the clock, the catalogue, and the policy of the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from tokentui.context import Context
from tokentui.records import Catalog, ExtensionRecord
from tokentui.tokens.policy import TokenPolicy

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
    """What holds at one moment. `now` is aware UTC, `zone` the operator's."""

    now: datetime
    zone: tzinfo
    catalog: Catalog
    policy: TokenPolicy = field(default_factory=TokenPolicy)

    @classmethod
    def of(cls, context: Context, catalog: Catalog) -> DraftLimits:
        """What holds at this moment."""
        return cls(context.now(), context.zone, catalog, TokenPolicy.of(context.settings))

    def presets(self) -> tuple[tuple[str, timedelta], ...]:
        """The presets that the longest lifetime allows."""
        longest = self.policy.max_lifetime
        return tuple((name, time) for name, time in PRESETS if longest is None or time <= longest)

    def extensions(self) -> tuple[ExtensionRecord, ...]:
        """The extensions that the policy allows, in the catalogue's order."""
        return tuple(one for one in self.catalog.extensions if self.policy.allows_extension(one.slug))
