"""What a filter finds: its terms as conditions on the table of tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, and_, cast, func, literal, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tokentui import validation
from tokentui.crypto.key_format import PREFIX, parse_id
from tokentui.errors import QueryError
from tokentui.listing.filter_language import EXAMPLES, ID_FIELD, Term, parse
from tokentui.models import EPOCH, LATEST, Extension, Token, TokenModule, status_is
from tokentui.records import Status

MAX_COST = 12
"""What a filter may cost: a word of ASCII is 1, another one as many as the forms that it is looked for in, digits and
`by:` are 2. Some 60 ms each where 100 000 tokens are counted on a busy machine."""

_COMPARED = re.compile(r"(?P<sign>[<>]=?|=|)(?P<value>[^<>=]*)", re.DOTALL)
_DIGITS = re.compile(r"(?:SU-?)?([0-9][0-9-]*)", re.ASCII | re.IGNORECASE)


class Contains(FunctionElement[bool]):
    """Whether a text contains another, without case.

    SQLAlchemy's own writes `lower(a) LIKE lower(b)`, which takes twice as long on SQLite, whose LIKE ignores the case
    of ASCII letters anyway.
    """

    inherit_cache = True
    type = Boolean()

    def __init__(self, text: Any, part: str) -> None:
        escaped = re.sub(r"([%_/])", r"/\1", part)
        super().__init__(text, literal(f"%{escaped}%"))


@compiles(Contains)
def _compile_contains(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    like = "LIKE" if compiler.dialect.name == "sqlite" else "ILIKE"
    return f"({text} {like} {pattern} ESCAPE '/')"


@dataclass(frozen=True, slots=True)
class QueryTime:
    """When a filter is read: the moment (aware UTC), the operator's zone, and how soon an expiry counts as expiring."""

    now: datetime
    zone: tzinfo
    expiring: timedelta


def condition(text: str, query_time: QueryTime) -> ColumnElement[bool]:
    """The query as a condition on `tokens`; raises QueryError."""
    terms = parse(text)
    _refuse_costly(terms)
    return and_(true(), *(_condition(term, query_time) for term in terms))


def asks_for_deleted(text: str) -> bool:
    """Whether a filter names deleted tokens, so that a list shows them: by their status, or by a whole key."""
    return any(
        not term.negated
        and (term.field == ID_FIELD or (term.field == "status" and term.value.lower() == Status.DELETED.value))
        for term in parse(text)
    )


def _refuse_costly(terms: Sequence[Term]) -> None:
    """Raises QueryError at the term that would make a search too slow."""
    cost = 0
    for term in terms:
        cost += _cost(term)
        if cost > MAX_COST:
            hint = "leave some out; digits, by: and letters beyond ASCII take longest"
            raise QueryError("the filter would take too long", hint, position=term.position)


def _cost(term: Term) -> int:
    if term.field:
        return 2 if term.field == "by" else 1
    return 2 if _DIGITS.fullmatch(term.value) else len(_variants(term.value))


def _condition(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    if term.field in ("", ID_FIELD):
        condition = _word(term.value) if not term.field else Token.id == parse_id(term.value)
    else:
        condition = _CONDITIONS[term.field](term, query_time)
    return not_(condition) if term.negated else condition


def _word(word: str) -> ColumnElement[bool]:
    texts = (Token.name, func.coalesce(Token.external_id, ""), Token.description)
    parts: list[ColumnElement[bool]] = [Contains(text, variant) for text in texts for variant in _variants(word)]
    match = _DIGITS.fullmatch(word)
    if match is not None:
        digits = match[1].replace("-", "")
        # The nine digits as text: adding a billion keeps the leading zeros.
        nine = func.substr(cast(Token.id + 1_000_000_000, String), 2)
        parts.append(Contains(nine, digits))
    elif word.upper().rstrip("-") == PREFIX:
        parts.append(true())
    return or_(*parts)


def _variants(word: str) -> tuple[str, ...]:
    """The forms in which a word is looked for.

    SQLite knows the case of ASCII letters only: other words are looked for as typed and in the usual cases, with
    accents composed (as names are kept) and apart (as a description may have them).
    """
    if word.isascii():
        return (word,)
    cases = (word, word.lower(), word.upper(), word.title(), word.capitalize())
    forms = [unicodedata.normalize(form, case) for form in ("NFC", "NFD") for case in cases]
    return tuple({_without_ascii_case(form): form for form in forms}.values())


def _without_ascii_case(text: str) -> str:
    return "".join(character.lower() if character.isascii() else character for character in text)


def _status(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    try:
        status = Status(term.value.lower())
    except ValueError:
        hint = f"choose {', '.join(Status)}"
        raise QueryError("there is no such status", hint, position=term.position) from None
    return status_is(status, now=query_time.now, expiring=query_time.expiring)


def _extension(term: Term, _: QueryTime) -> ColumnElement[bool]:
    wanted = term.value.lower()
    by_code = select(Extension.slug).where(func.lower(Extension.code) == wanted)
    return or_(Token.extension_slug == wanted, Token.extension_slug.in_(by_code))


def _module(term: Term, _: QueryTime) -> ColumnElement[bool]:
    holders = select(TokenModule.token_id).where(TokenModule.module_slug == term.value.lower())
    return or_(Token.all_modules, Token.id.in_(holders))


def _created(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    return _compared(Token.created_at, term, query_time, past=True)


def _expires(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    if term.value.lower() == "never":
        return Token.expires_at >= LATEST
    sign, value = _comparison(term)
    compared = _compared(Token.expires_at, term, query_time, past=False)
    # "within 7 days" is about what is still to come.
    within = sign.startswith("<") and _is_duration(value)
    return and_(Token.expires_at > query_time.now, compared) if within else compared


def _unused(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    used = _compared(Token.last_used_at, term, query_time, past=True)
    made = _compared(Token.created_at, term, query_time, past=True)
    return or_(and_(Token.last_used_at > EPOCH, used), and_(Token.last_used_at <= EPOCH, made))


def _by(term: Term, _: QueryTime) -> ColumnElement[bool]:
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


def _compared(column: Any, term: Term, query_time: QueryTime, *, past: bool) -> ColumnElement[bool]:
    """`>30d` and `<30d` by distance from now (backwards for the past), a date by its local day."""
    sign, value = _comparison(term)
    moment: ColumnElement[datetime] = column
    try:
        if _is_duration(value):
            distance = validation.duration(value)
            edge = query_time.now - distance if past else query_time.now + distance
            farther = moment < edge if past else moment > edge
            return farther if sign.startswith(">") else not_(farther)
        first, after = _day(value, query_time.zone)
    except (ValueError, OverflowError):
        hint = f"write {EXAMPLES[term.field]} or {term.field}:>2026-12-31"
        raise QueryError(f"{term.field}: can't read the time", hint, position=term.position) from None
    if sign.startswith(">"):
        return moment >= (first if sign == ">=" else after)
    if sign.startswith("<"):
        return moment < (after if sign == "<=" else first)
    return and_(moment >= first, moment < after)


def _comparison(term: Term) -> tuple[str, str]:
    """The sign and what is compared with; a bare duration is `>` (as long or longer), or `<` before an expiry."""
    match = _COMPARED.fullmatch(term.value)
    if match is None:
        return "", ""
    sign, value = match["sign"], match["value"]
    if not sign and _is_duration(value):
        sign = "<" if term.field == "expires" else ">"
    return sign, value


def _is_duration(value: str) -> bool:
    return value[-1:] in ("s", "m", "h", "d", "w", "y")


def _day(value: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a local day begins, and when the next one does; raises ValueError, OverflowError."""
    day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - only the date is used
    first, after = (datetime.combine(start, time(), zone) for start in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), after.astimezone(UTC)
