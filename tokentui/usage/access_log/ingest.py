"""Counts the lines of an access log. The same line twice, from wherever, counts once.

What was counted and which lines it was are written in one transaction, so a process that is killed has done both or
neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.database.retries import retried
from tokentui.errors import ReadOnly
from tokentui.models import Token, to_micros
from tokentui.usage.access_log import known_lines
from tokentui.usage.access_log.known_lines import LineKey
from tokentui.usage.access_log.line import BadLine, Response, parse
from tokentui.usage.counts import ADD, AHEAD_MICROS, SLOT_MICROS, TOKEN_USED, SlotCounts, add, rows

_BATCH_ROWS = 500
_BAD_KEPT = 20


@dataclass(slots=True)
class IngestResult:
    """What became of the lines, as numbers of lines.

    `ahead` of those counted were ahead of the clock by more than five minutes, and counted now. `duplicates` were
    counted before; `closed` are of an hour whose lines are forgotten. `bad` names the first few by number and reason.
    """

    counted: int = 0
    ahead: int = 0
    duplicates: int = 0
    without_token: int = 0
    unknown_token: int = 0
    closed: int = 0
    unreadable: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    tokens: set[int] = field(default_factory=set)

    @property
    def lines(self) -> int:
        """The number of all lines, whatever became of them."""
        return self.counted + self.duplicates + self.without_token + self.unknown_token + self.closed + self.unreadable

    def refuse(self, number: int, reason: str) -> None:
        """Counts a line that can't be read, and names it if it is one of the first."""
        self.unreadable += 1
        if len(self.bad) < _BAD_KEPT:
            self.bad.append((number, reason))

    def add(self, other: IngestResult) -> None:
        """Adds the numbers of another batch to these."""
        self.counted += other.counted
        self.ahead += other.ahead
        self.duplicates += other.duplicates
        self.without_token += other.without_token
        self.unknown_token += other.unknown_token
        self.closed += other.closed
        self.unreadable += other.unreadable
        self.bad.extend(other.bad[: _BAD_KEPT - len(self.bad)])
        self.tokens |= other.tokens


def ingest(context: Context, lines: Iterable[tuple[int, str]], result: IngestResult) -> None:
    """Counts a batch of (number, line), in one transaction, and adds what became of them to `result`.

    Raises DatabaseError, and has counted nothing then; `result` is changed at the end only.
    """
    if context.database.read_only:
        raise ReadOnly("nothing can be counted", "the program was started read-only")
    batch = IngestResult()
    responses: list[Response] = []
    for number, line in lines:
        try:
            response = parse(line)
        except BadLine as bad:
            batch.refuse(number, str(bad))
            continue
        if response is None:
            batch.without_token += 1
        else:
            responses.append(response)
    if responses:
        batch.add(_counted(context, responses))
    result.add(batch)


@retried
def _counted(context: Context, responses: Sequence[Response]) -> IngestResult:
    batch = IngestResult()
    with context.database.write() as session:
        _count(session, responses, batch, now=context.now())
        session.commit()
    return batch


def _count(session: Session, responses: Sequence[Response], batch: IngestResult, *, now: datetime) -> None:
    closed = known_lines.closed_hours(session, map(known_lines.key_of, responses))
    tokens = _existing(session, {response.token for response in responses})
    wanted: dict[LineKey, Response] = {}
    for response in responses:
        key = known_lines.key_of(response)
        if response.token not in tokens:
            batch.unknown_token += 1
        elif key[0] in closed:
            batch.closed += 1
        elif key in wanted:
            batch.duplicates += 1
        else:
            wanted[key] = response
    new = known_lines.add(session, sorted(wanted), now)  # in one order, so that no two wait for each other
    batch.duplicates += len(wanted) - len(new)
    _write(session, [wanted[key] for key in new], batch, now=to_micros(now))


def _existing(session: Session, ids: Iterable[int]) -> set[int]:
    """Those of the tokens that there are: a purged one, or another database's, would be counted for nobody."""
    wanted, existing = sorted(ids), set[int]()
    for start in range(0, len(wanted), _BATCH_ROWS):
        existing.update(session.scalars(select(Token.id).where(Token.id.in_(wanted[start : start + _BATCH_ROWS]))))
    return existing


def _write(session: Session, responses: Sequence[Response], batch: IngestResult, *, now: int) -> None:
    counts: SlotCounts = {}
    last: dict[int, tuple[int, str]] = {}
    for response in responses:
        ahead = response.at > now + AHEAD_MICROS
        batch.ahead += ahead
        add(counts, response.token, (now if ahead else response.at) // SLOT_MICROS, response.status)
        # A 403 may be the gate's own, of a key that was not let in.
        if response.status != 403:
            use = (min(response.at, now), response.client)
            last[response.token] = max(last.get(response.token, use), use, key=lambda use: use[0])
    if counts:
        session.execute(ADD, rows(counts))
    if last:
        used = [
            {"token": token, "at": at, "origin": client, "ahead": now + AHEAD_MICROS}
            for token, (at, client) in last.items()
        ]
        session.execute(TOKEN_USED, used)
    batch.counted += len(responses)
    batch.tokens.update(response.token for response in responses)
