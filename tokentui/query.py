"""The filter language, the same in the app and in the commands: text → conditions → SQL.

    billing "old crm"            words and quoted groups: in name, ID, external ID or description, without case
    status:expiring              active, expiring, expired, disabled or deleted
    ext:zapier                   the extension, by slug or code
    module:helpdesk              may use the module (all modules counts)
    created:>30d  created:<7d    made more than 30 days ago; within the last 7
    expires:<7d   expires:never  expires within 7 days, never; `expires:>30d` is later, or never
    unused:>90d                  not used for 90 days (one that never was: since it was made)
    by:alice                     who made or last changed it
    -status:deleted              a minus turns a condition around

Where a moment is compared, `2026-12-31` (a local day) stands beside `30d`: `created:>2026-01-01` is after that day.
A whole key finds its token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, String, and_, cast, func, not_, or_, select, true

from tokentui import keys, validation
from tokentui.errors import QueryError
from tokentui.models import EPOCH, LATEST, Extension, Token, TokenModule, status_is
from tokentui.records import Status

FIELDS = ("status", "ext", "module", "created", "expires", "unused", "by")

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[A-Za-z_]+):)?(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]\S*|)', re.DOTALL)
_DIGITS = re.compile(r"(?:SU-?)?([0-9][0-9-]*)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `field` is empty for a word; `position` is where it begins in the text."""

    field: str
    value: str
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class Moments:
    """What a query needs to know of the present."""

    now: datetime
    zone: tzinfo
    expiring: timedelta


def parse(text: str) -> tuple[Term, ...]:
    """The conditions, all of which must hold; raises QueryError with the position where the text goes wrong."""
    return tuple(_terms(text))


def condition(text: str, moments: Moments) -> ColumnElement[bool]:
    """The query as a condition on `tokens`; raises QueryError."""
    return and_(true(), *(_condition(term, moments) for term in parse(text)))


def _terms(text: str) -> Iterator[Term]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TERM.match(text, position)
        assert match is not None  # every part of the pattern may be empty
        field, value = (match["field"] or "").lower(), match["value"]
        at = match.start("value")
        if match.end() == position or (not value and not field) or (match["minus"] and match.end() == position + 1):
            raise QueryError(_unclosed(text, position), "close the quote, or leave it out", position=position)
        if field and field not in FIELDS and not _is_key(text[position : match.end()]):
            hint = f"fields are {', '.join(FIELDS)}; quote a word that holds a colon"
            raise QueryError(f"there is no field {field!r}", hint, position=match.start("field"))
        if field in FIELDS and not value:
            raise QueryError(f"{field}: needs a value", f"such as {_EXAMPLES[field]}", position=at)
        if field and field not in FIELDS:  # a whole key reads as a field named after its ID's prefix
            field, value = "", text[position : match.end()]
        yield Term(field, _unquoted(value), bool(match["minus"]), at)
        position = match.end()


def _is_key(text: str) -> bool:
    return text.upper().startswith("SU-")


def _unclosed(text: str, position: int) -> str:
    return "a quote is not closed" if '"' in text[position:] else "a word is missing"


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)


def _condition(term: Term, moments: Moments) -> ColumnElement[bool]:
    found = _word(term.value) if not term.field else _CONDITIONS[term.field](term, moments)
    return not_(found) if term.negated else found


def _word(word: str) -> ColumnElement[bool]:
    try:
        return Token.id == keys.parse_key(word).token_id
    except keys.MalformedKey:
        pass
    parts = [
        Token.name.icontains(word, autoescape=True),
        func.coalesce(Token.external_id, "").icontains(word, autoescape=True),
        Token.description.icontains(word, autoescape=True),
    ]
    match = _DIGITS.fullmatch(word)
    if match is not None:
        digits = match[1].replace("-", "")
        # The nine digits as text: adding a billion keeps the leading zeros.
        nine = func.substr(cast(Token.id + 1_000_000_000, String), 2)
        parts.append(nine.contains(digits, autoescape=True))
    elif word.upper().rstrip("-") == keys.PREFIX:
        parts.append(true())
    return or_(*parts)


def _status(term: Term, moments: Moments) -> ColumnElement[bool]:
    try:
        status = Status(term.value.lower())
    except ValueError:
        raise _unknown(term, "status", [each.value for each in Status]) from None
    return status_is(status, now=moments.now, expiring=moments.expiring)


def _extension(term: Term, _: Moments) -> ColumnElement[bool]:
    wanted = term.value.lower()
    by_code = select(Extension.slug).where(func.lower(Extension.code) == wanted)
    return or_(Token.extension_slug == wanted, Token.extension_slug.in_(by_code))


def _module(term: Term, _: Moments) -> ColumnElement[bool]:
    holders = select(TokenModule.token_id).where(TokenModule.module_slug == term.value.lower())
    return or_(Token.all_modules, Token.id.in_(holders))


def _created(term: Term, moments: Moments) -> ColumnElement[bool]:
    return _compared(Token.created_at, term, moments, past=True)


def _expires(term: Term, moments: Moments) -> ColumnElement[bool]:
    if term.value.lower() == "never":
        return Token.expires_at >= LATEST
    ahead = _compared(Token.expires_at, term, moments, past=False)
    # "within 7 days" is about what is still to come.
    return and_(Token.expires_at > moments.now, ahead) if _sign(term) == "<" and _is_duration(term) else ahead


def _unused(term: Term, moments: Moments) -> ColumnElement[bool]:
    if term.value.lower() == "never":
        raise QueryError("unused: needs a time", f"such as {_EXAMPLES['unused']}", position=term.position)
    used = _compared(Token.last_used_at, term, moments, past=True)
    made = _compared(Token.created_at, term, moments, past=True)
    return or_(and_(Token.last_used_at > EPOCH, used), and_(Token.last_used_at <= EPOCH, made))


def _by(term: Term, _: Moments) -> ColumnElement[bool]:
    return or_(
        Token.created_by.istartswith(term.value, autoescape=True),
        Token.updated_by.istartswith(term.value, autoescape=True),
    )


_CONDITIONS = {
    "status": _status,
    "ext": _extension,
    "module": _module,
    "created": _created,
    "expires": _expires,
    "unused": _unused,
    "by": _by,
}
_EXAMPLES = {
    "status": "status:expiring",
    "ext": "ext:zapier",
    "module": "module:helpdesk",
    "created": "created:>30d",
    "expires": "expires:<7d",
    "unused": "unused:>90d",
    "by": "by:alice",
}


def _compared(
    column: ColumnElement[datetime] | object, term: Term, moments: Moments, *, past: bool
) -> ColumnElement[bool]:
    """`>30d` and `<30d` by distance from now (backwards for the past), a date by its local day."""
    sign, value = _sign(term), term.value.lstrip("<>=")
    moment: ColumnElement[datetime] = column  # type: ignore[assignment]
    try:
        if _is_duration(term):
            distance = validation.duration(value)
            edge = moments.now - distance if past else moments.now + distance
            farther = moment < edge if past else moment > edge
            return farther if sign == ">" else moment >= edge if past else moment <= edge
        day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - only the date is used
        first = datetime.combine(day, time(), moments.zone).astimezone(UTC)
        after = datetime.combine(day + timedelta(days=1), time(), moments.zone).astimezone(UTC)
    except (validation.ValidationError, ValueError, OverflowError):
        hint = f"write {_EXAMPLES[term.field]} or {term.field}:>2026-12-31"
        raise QueryError(f"{term.field}: can't read the time", hint, position=term.position) from None
    if sign == ">":
        return moment >= after
    return moment < first if sign == "<" else and_(moment >= first, moment < after)


def _sign(term: Term) -> str:
    """`>` for a bare duration: `unused:90d` means as long as that, or longer."""
    if term.value[:1] in ("<", ">"):
        return term.value[0]
    return ">" if _is_duration(term) and term.field != "expires" else "<" if _is_duration(term) else "="


def _is_duration(term: Term) -> bool:
    return term.value[-1:] in ("s", "m", "h", "d", "w")


def _unknown(term: Term, what: str, known: list[str]) -> QueryError:
    return QueryError(f"there is no {what} {term.value[:40]!r}", f"choose {', '.join(known)}", position=term.position)
