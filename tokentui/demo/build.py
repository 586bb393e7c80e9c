"""Writes the samples into a database, in batches of plain rows: a million tokens are not a million transactions.

Everything follows from the seed but the secrets, which are as random as real ones: a demo's database may end up
somewhere, and its keys must open nothing that a seed could tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from tokentui import catalog
from tokentui.context import Context
from tokentui.database.bulk_load import insert_rows, without_indexes
from tokentui.demo.rows import COLUMNS, NEVER, Entry, LastUse, Row, RowMaker
from tokentui.demo.samples import Sample, samples
from tokentui.demo.traffic import hours
from tokentui.errors import UsageError
from tokentui.models.audit_links import HEAD, Chain, Head
from tokentui.models.moments import from_micros, to_micros

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tokentui.database.sqlite import FileConnection

SEED = 631_646_036
DAYS = 90
_BATCH = 2_000
_SECRETS_TOGETHER = 20_000
"""Secrets that are sorted by their digests before they are inserted: so many meet each page of the index of digests
a few times only, and keep some 10 MB of memory."""

# Traffic of the first tokens only: a million with 90 days of hours each would be two billion rows.
_WITH_TRAFFIC = 400
_NO_USE = LastUse()
_DIGEST, _STOPS_AT = (COLUMNS["secrets"].index(name) for name in ("digest", "stops_at"))


def build(context: Context, *, tokens: int = 40, seed: int = SEED, days: int = DAYS) -> None:
    """Fills an empty database with `tokens` samples and `days` of responses before now.

    Raises UsageError where the database holds tokens already, MasterKeyError without a usable master key.
    """
    vault = context.vault()
    catalogue = catalog.load(context)
    from sqlalchemy import select

    from tokentui.models import Token

    with context.database.write() as session:
        if session.scalar(select(Token.id).limit(1)) is not None:
            raise UsageError(f"{context.database.name} holds tokens", "name a new file")
        writer = SampleWriter(session.connection(), RowMaker(vault, catalogue, context.now()), seed, days)
        with without_indexes(session.connection()):
            writer.write(tokens)
        session.commit()


class SampleWriter:
    """Writes samples in batches; what they were used for is drawn for the first `_WITH_TRAFFIC` of them."""

    def __init__(
        self, connection: Connection | FileConnection, maker: RowMaker, seed: int = SEED, days: int = DAYS
    ) -> None:
        self._connection = connection
        self._maker = maker
        self._random = Random(seed)  # noqa: S311 - sample data; secrets come from the operating system
        self._days = days
        self._left = _WITH_TRAFFIC
        self._secrets: list[Row] = []
        self._chain = Chain(maker.vault, Head(0, b""))

    def write(self, tokens: int) -> None:
        """Writes so many samples, and the head of their audit."""
        drawn = samples(tokens, self._random, tuple(module.slug for module in self._maker.catalog.modules))
        while batch := list(islice(drawn, _BATCH)):
            self._write_batch(batch)
        self._write_secrets()
        self._insert("meta", [(HEAD, self._chain.head.sealed(self._maker.vault))])

    def _write_batch(self, batch: Sequence[Sample]) -> None:
        uses = {sample.id: self._write_traffic(sample) for sample in batch[: self._left] if sample.daily}
        self._left -= min(self._left, len(batch))
        tokens: list[Row] = []
        modules: list[Row] = []
        audit: list[Entry] = []
        for sample in batch:
            use = uses.get(sample.id, _NO_USE)
            token, opened = self._maker.token(sample, use)
            tokens.append(token)
            modules += opened
            audit += self._maker.audit(sample)
            self._secrets += self._maker.secrets(sample, use)
        self._insert("tokens", tokens)
        self._insert("token_modules", modules)
        entries = map(self._chain.bound, sorted(audit, key=lambda entry: entry["at"]))
        self._insert("audit", [tuple(entry[name] for name in COLUMNS["audit"]) for entry in entries])
        if len(self._secrets) >= _SECRETS_TOGETHER:
            self._write_secrets()

    def _write_secrets(self) -> None:
        """Writes the secrets that wait to be written."""
        # Where a token has two, the one that stops is the older one, which must have the lower ID.
        self._secrets.sort(key=lambda secret: (secret[_STOPS_AT] == NEVER, secret[_DIGEST]))
        self._insert("secrets", self._secrets)
        self._secrets.clear()

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        insert_rows(self._connection, table, COLUMNS[table], rows)

    def _write_traffic(self, sample: Sample) -> LastUse:
        """The responses to a token, and its last use."""
        now, before = self._maker.now, self._maker.before
        first = max(from_micros(before(sample.created)), now - timedelta(days=self._days))
        ends = [at for at in (sample.silent, sample.disabled, sample.deleted) if at]
        last = from_micros(before(max([*ends, -min(0.0, sample.expires or 0.0)])))
        counted = hours(first, last, daily=sample.daily, errors=sample.errors, now=now, random=self._random)
        rows = [(sample.id, slot, *counts) for slot, counts in counted]
        self._insert("usage", rows)
        return self._last_use(sample, last) if rows else _NO_USE

    def _last_use(self, sample: Sample, last: datetime) -> LastUse:
        at = last - timedelta(minutes=self._random.uniform(1, 50) if not sample.silent else 0)
        return LastUse(to_micros(at), f"203.0.113.{sample.id % 250 + 1}")
