"""Takes the lines of an access log into the counts. The same line twice, from wherever, counts once.

What was counted and which lines it was are written in one transaction, so a process that is killed has done both or
neither. The lines of an hour are forgotten some days after the last one came (`log_memory`); the hour is closed then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tokentui.context import Context
from tokentui.errors import ReadOnly
from tokentui.models import LoggedHour, LoggedRequest, Token, to_micros
from tokentui.usage.access_log.line import BadLine, Response, parse
from tokentui.usage.counts import ADD, MICROS_AN_HOUR, USED, Counts, add, rows

_TOGETHER = 500
_BAD_KEPT = 20
_AHEAD = 86_400_000_000
_NEW_LINE = "INSERT INTO logged_requests (hour, request) VALUES (?, ?) ON CONFLICT DO NOTHING"


@dataclass(slots=True)
class Outcome:
    """What became of the lines, as numbers of lines; `bad` names the first few by number and reason."""

    counted: int = 0
    known: int = 0
    without_token: int = 0
    unknown_token: int = 0
    closed: int = 0
    unreadable: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    tokens: set[int] = field(default_factory=set)

    @property
    def lines(self) -> int:
        """All of them."""
        return self.counted + self.known + self.without_token + self.unknown_token + self.closed + self.unreadable

    def refuse(self, number: int, reason: str) -> None:
        """A line that can't be read."""
        self.unreadable += 1
        if len(self.bad) < _BAD_KEPT:
            self.bad.append((number, reason))


def take(context: Context, lines: Iterable[tuple[int, str]], outcome: Outcome) -> None:
    """Counts a batch of (number, line), in one transaction, and adds what became of them to `outcome`.

    Raises DatabaseError, and has counted nothing then; `outcome` is changed at the end only.
    """
    if context.database.read_only:
        raise ReadOnly("nothing can be counted", "the program was started read-only")
    found = Outcome()
    responses: list[Response] = []
    limit = to_micros(context.now()) + _AHEAD
    for number, line in lines:
        try:
            response = parse(line)
        except BadLine as bad:
            found.refuse(number, str(bad))
            continue
        if response is None:
            found.without_token += 1
        elif response.at > limit:
            found.refuse(number, 'its "time" lies ahead of this clock by more than a day')
        else:
            responses.append(response)
    if responses:
        with context.database.write() as session:
            _count(session, responses, found, now=context.now())
            session.commit()
    _add_up(outcome, found)


def forget(context: Context) -> int:
    """Closes the hours whose last line came longer ago than `log_memory`; how many."""
    limit = context.now() - context.settings.log_memory
    due = select(LoggedHour.hour).where(LoggedHour.taken_at < limit, LoggedHour.closed.is_(False))
    with context.database.read() as session:
        if session.scalar(due.limit(1)) is None:
            return 0
    with context.database.write() as session:
        hours = list(session.scalars(due))
        session.execute(delete(LoggedRequest).where(LoggedRequest.hour.in_(hours)))
        session.execute(update(LoggedHour).where(LoggedHour.hour.in_(hours)).values(closed=True))
        session.commit()
    return len(hours)


def _count(session: Session, responses: Sequence[Response], found: Outcome, *, now: datetime) -> None:
    hours = {response.at // MICROS_AN_HOUR for response in responses}
    ids = {response.token for response in responses}
    closed = set(session.scalars(select(LoggedHour.hour).where(LoggedHour.hour.in_(hours), LoggedHour.closed)))
    there = _existing(session, ids)
    wanted: dict[tuple[int, int], Response] = {}
    for response in responses:
        hour = response.at // MICROS_AN_HOUR
        if response.token not in there:
            found.unknown_token += 1
        elif hour in closed:
            found.closed += 1
        elif (hour, response.request) in wanted:
            found.known += 1
        else:
            wanted[hour, response.request] = response
    fresh = _remember(session, list(wanted), now)
    found.known += len(wanted) - len(fresh)
    _write(session, [wanted[line] for line in fresh], found)


def _existing(session: Session, ids: Iterable[int]) -> set[int]:
    """Those of the tokens that there are: a purged one, or another database's, would be counted for nobody."""
    wanted, there = sorted(ids), set[int]()
    for start in range(0, len(wanted), _TOGETHER):
        there.update(session.scalars(select(Token.id).where(Token.id.in_(wanted[start : start + _TOGETHER]))))
    return there


def _remember(session: Session, lines: Sequence[tuple[int, int]], now: datetime) -> list[tuple[int, int]]:
    """Writes the lines down, and the moment at their hours; those that were not known."""
    connection = session.connection()
    postgres = connection.dialect.name == "postgresql"
    # By the driver itself, a line at a time: only so it says of each whether it was new, and in a tenth of the time.
    cursor = connection.connection.cursor()
    statement = _NEW_LINE.replace("?", "%s") if postgres else _NEW_LINE
    fresh: list[tuple[int, int]] = []
    for line in lines:
        cursor.execute(statement, line)
        if cursor.rowcount:
            fresh.append(line)
    cursor.close()
    hours = [{"hour": hour, "taken_at": now, "closed": False} for hour in sorted({hour for hour, _ in fresh})]
    if hours:
        moment = (postgresql if postgres else sqlite).insert(LoggedHour).values(hours)
        taken_at = {"taken_at": moment.excluded.taken_at}
        session.execute(moment.on_conflict_do_update(index_elements=["hour"], set_=taken_at))
    return fresh


def _write(session: Session, responses: Sequence[Response], found: Outcome) -> None:
    counts: Counts = {}
    last: dict[int, Response] = {}
    for response in responses:
        add(counts, response.token, response.at // MICROS_AN_HOUR, response.status)
        # A 403 may be the gate's own, of a key that was not let in.
        if response.status != 403 and (response.token not in last or last[response.token].at < response.at):
            last[response.token] = response
    if counts:
        session.execute(ADD, rows(counts))
    if last:
        session.execute(USED, [{"token": r.token, "at": r.at, "origin": r.client} for r in last.values()])
    found.counted += len(responses)
    found.tokens.update(response.token for response in responses)


def _add_up(outcome: Outcome, found: Outcome) -> None:
    outcome.counted += found.counted
    outcome.known += found.known
    outcome.without_token += found.without_token
    outcome.unknown_token += found.unknown_token
    outcome.closed += found.closed
    outcome.unreadable += found.unreadable
    outcome.bad.extend(found.bad[: _BAD_KEPT - len(outcome.bad)])
    outcome.tokens |= found.tokens
