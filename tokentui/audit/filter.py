"""The filter of the audit, the same in the app and in the command: text → `AuditFilter`.

actor:alice action:rotate     who and what begins so; a comma means or
token:SU-631-646-036          an ID, with or without its dashes
since:7d until:2026-11-20     so long ago, or a local day, which is in it
billing "old name"            words: in who, what or the changes, without case
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches

from tokentui import validation
from tokentui.errors import QueryError

MAX_LENGTH = 500
"""Characters of the longest filter."""

MAX_WORDS = 5
"""Words of the longest filter: each is looked for in every entry."""

FIELDS = {
    "actor": "actor:alice",
    "action": "action:rotate",
    "token": "token:SU-631-646-036",
    "since": "since:7d",
    "until": "until:2026-11-20",
}
"""Each field, with an example."""

_TERM = re.compile(r'(?:(?P<field>[^\W\d]\w*):)?(?P<value>"[^"]*"|[^\s"]\S*|)')
_KEY = re.compile(r"SU-?[0-9-]*:", re.ASCII | re.IGNORECASE)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted: those that meet all of it. `since` and `until` are aware, in UTC; `until` is not in it.

    `actors` and `actions` begin so, without case, any of them; `words` stand in who, what or the changes.
    """

    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    token_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    field: str
    value: str
    position: int
    is_last: bool

    def refusal(self, message: str, hint: str) -> QueryError:
        return QueryError(message, hint, position=self.position, incomplete=self.is_last)


def parse_filter(text: str, now: datetime, zone: tzinfo) -> AuditFilter:
    """What is typed, read at `now` (aware, UTC), with days in `zone`; raises QueryError with the place."""
    if len(text) > MAX_LENGTH:
        raise QueryError("the filter is too long", f"at most {MAX_LENGTH} characters", position=MAX_LENGTH)
    if odd := _UNSTORABLE.search(text):
        raise QueryError("the filter holds a character that no entry can have", position=odd.start())
    by_field: dict[str, _Term] = {}
    words: list[_Term] = []
    for term in _terms(text):
        if not term.field:
            words.append(term)
        elif by_field.setdefault(term.field, term) is not term:
            raise QueryError(f"{term.field}: stands there twice", "leave one out", position=term.position)
    if len(words) > MAX_WORDS:
        raise QueryError("too many words", f"at most {MAX_WORDS}", position=words[MAX_WORDS].position)
    since, until, token = (by_field.get(field) for field in ("since", "until", "token"))
    return AuditFilter(
        actors=_listed(by_field.get("actor")),
        actions=_listed(by_field.get("action")),
        token_id=None if token is None else _token_id(token),
        since=None if since is None else _moments(since, now, zone)[0],
        until=None if until is None else _moments(until, now, zone)[1],
        words=tuple(term.value for term in words),
    )


def _terms(text: str) -> Iterator[_Term]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TERM.match(text, position)
        assert match is not None  # every part of the pattern may be empty
        yield _term(match, text)
        position = match.end()


def _term(match: re.Match[str], text: str) -> _Term:
    field, value, place = (match["field"] or "").lower(), match["value"], match.start("value")
    last = match.end() == len(text)
    if _KEY.match(text, match.start()) or _KEY.match(value.lstrip('"')):
        raise QueryError("a key is not looked for here", "give its ID: token:SU-631-646-036", position=match.start())
    if field and field not in FIELDS:
        nearest = get_close_matches(field, FIELDS, 1)
        meant = f"did you mean {nearest[0]}? " if nearest else ""
        hint = f"{meant}fields are {', '.join(FIELDS)}; quote a word that holds a colon"
        raise QueryError(f"there is no field {field[:20]!r}", hint, position=match.start("field"))
    if not value and text[place : place + 1] == '"':
        raise QueryError("a quote is not closed", "close it, or leave it out", position=place, incomplete=True)
    value = value.strip('"')
    if not value:
        example = FIELDS.get(field, "billing")
        raise QueryError("a value is missing", f"such as {example}", position=place, incomplete=last)
    return _Term(field, value, place, last)


def _listed(term: _Term | None) -> tuple[str, ...]:
    return () if term is None else tuple(value.lower() for value in term.value.split(",") if value)


def _token_id(term: _Term) -> int:
    digits = re.sub(r"^SU-?|-", "", term.value, flags=re.IGNORECASE)
    try:
        return validation.token_id(f"SU-{digits[:3]}-{digits[3:6]}-{digits[6:]}")
    except validation.ValidationError as error:
        raise term.refusal(error.message, f"such as {FIELDS['token']}") from None


def _moments(term: _Term, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the time that is meant begins, and when it is over: the same moment for a duration."""
    try:
        if re.fullmatch(r"[0-9]+[a-z]", term.value, re.ASCII):
            moment = now - validation.duration(term.value)
            return moment, moment
        day = datetime.strptime(term.value, "%Y-%m-%d").date()  # noqa: DTZ007 - only the date is used
        first, after = (datetime.combine(start, time(), zone) for start in (day, day + timedelta(days=1)))
        return first.astimezone(UTC), after.astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"{term.field}: can't read the time"
        raise term.refusal(message, f"write {term.field}:7d or {term.field}:2026-11-20") from None
