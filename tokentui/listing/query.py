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

Where a moment is compared, `2026-12-31` (a local day) stands beside `30d`: `created:>2026-01-01` is after that day,
`created:>=2026-01-01` that day or later, `created:2026-01-01` that day. A duration without `<` or `>` is as long or
longer for `created` and `unused`, within it for `expires`.

A word matches an ID with or without its dashes, whole or in part: `SU-631-646-036`, `646-036`, `631646`. A whole key
finds its token; one whose checksum is wrong is refused, and never repeated in the refusal. In quotes, `\\"` is a quote
and `\\\\` a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, and_, cast, func, literal, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tokentui import validation
from tokentui.crypto.key_format import PREFIX, MalformedKey, format_id, parse_id, parse_key
from tokentui.errors import QueryError
from tokentui.models import EPOCH, LATEST, Extension, Token, TokenModule, status_is
from tokentui.records import Status

FIELDS = ("status", "ext", "module", "created", "expires", "unused", "by")

_ID = "id"  # not to be typed: words match IDs
LENGTH = 1000
"""The longest filter: SQLite refuses patterns and conditions that are much longer."""

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[^\W\d][\w-]*):)?(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]\S*|)', re.DOTALL)
_KEY = re.compile(r"SU-[0-9-]*:\S*", re.ASCII | re.IGNORECASE)
_COMPARED = re.compile(r"(?P<sign>[<>]=?|=|)(?P<value>[^<>=]*)", re.DOTALL)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DIGITS = re.compile(r"(?:SU-?)?([0-9][0-9-]*)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `position` is where its value begins in the text.

    `field` is empty for a word, and `id` for a whole key, of which only the ID is kept.
    """

    field: str
    value: str
    negated: bool
    position: int


class Holds(FunctionElement[bool]):
    """Whether a text contains another, without case.

    SQLAlchemy's own writes `lower(a) LIKE lower(b)`, which takes twice as long on SQLite, whose LIKE ignores the case
    of ASCII letters anyway.
    """

    inherit_cache = True
    type = Boolean()

    def __init__(self, text: Any, part: str) -> None:
        escaped = re.sub(r"([%_/])", r"/\1", part)
        super().__init__(text, literal(f"%{escaped}%"))


@compiles(Holds)
def _compile_holds(element: Holds, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    like = "LIKE" if compiler.dialect.name == "sqlite" else "ILIKE"
    return f"({text} {like} {pattern} ESCAPE '/')"


@dataclass(frozen=True, slots=True)
class Moments:
    """What a query needs to know of the present."""

    now: datetime
    zone: tzinfo
    expiring: timedelta


def parse(text: str) -> tuple[Term, ...]:
    """The conditions, all of which must hold; raises QueryError with the position where the text goes wrong."""
    if len(text) > LENGTH:
        raise QueryError("the filter is too long", f"at most {LENGTH} characters", position=LENGTH)
    if odd := _UNSTORABLE.search(text):
        raise QueryError("the filter holds a character that no token can have", position=odd.start())
    return tuple(_terms(text))


def quoted(word: str) -> str:
    """The word as a term that matches it literally: in quotes."""
    return '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'


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
        yield _term(match, text)
        position = match.end()


def _term(match: re.Match[str], text: str) -> Term:
    field, value, at = (match["field"] or "").lower(), match["value"], match.start("value")
    start, negated = match.end("minus"), bool(match["minus"])
    # A key reads as a field named after its ID. In quotes it is one too: no secret is looked for in names.
    if key := _KEY.match(text, start) or (None if field else _KEY.fullmatch(_unquoted(value))):
        return Term(_ID, _id_of(key[0], start), negated, start)
    if field and field not in FIELDS:
        known = f"fields are {', '.join(FIELDS)}; quote a word that holds a colon"
        shown = field if len(field) <= 20 else f"{field[:19]}…"
        raise QueryError(f"there is no field {shown!r}", known, position=match.start("field"))
    if not value and text[at : at + 1] == '"':
        raise QueryError("a quote is not closed", "close it, or leave it out", position=at)
    if value in ("", '""'):
        what, example = (f"{field}: needs a value", _EXAMPLES[field]) if field else ("a word is missing", "-word")
        raise QueryError(what, f"such as {example}", position=at)
    return Term(field, _unquoted(value), negated, at)


def _id_of(text: str, position: int) -> str:
    """The ID of a whole key, typed in any case; raises QueryError, which never repeats the key."""
    head, _, tail = text.partition(":")
    try:
        return format_id(parse_key(f"{head.upper()}:{tail.lower()}").token_id)
    except MalformedKey as error:
        raise QueryError(str(error), "paste the whole key, or its ID alone", position=position) from None


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)


def _condition(term: Term, moments: Moments) -> ColumnElement[bool]:
    if term.field in ("", _ID):
        found = _word(term.value) if not term.field else Token.id == parse_id(term.value)
    else:
        found = _CONDITIONS[term.field](term, moments)
    return not_(found) if term.negated else found


def _word(word: str) -> ColumnElement[bool]:
    texts = (Token.name, func.coalesce(Token.external_id, ""), Token.description)
    parts: list[ColumnElement[bool]] = [Holds(text, variant) for text in texts for variant in _variants(word)]
    match = _DIGITS.fullmatch(word)
    if match is not None:
        digits = match[1].replace("-", "")
        # The nine digits as text: adding a billion keeps the leading zeros.
        nine = func.substr(cast(Token.id + 1_000_000_000, String), 2)
        parts.append(Holds(nine, digits))
    elif word.upper().rstrip("-") == PREFIX:
        parts.append(true())
    return or_(*parts)


def _variants(word: str) -> set[str]:
    """SQLite knows the case of ASCII letters only: other words are looked for as typed, and in the usual cases."""
    return {word} if word.isascii() else {word, word.lower(), word.upper(), word.title(), word.capitalize()}


def _status(term: Term, moments: Moments) -> ColumnElement[bool]:
    try:
        status = Status(term.value.lower())
    except ValueError:
        hint = f"choose {', '.join(Status)}"
        raise QueryError("there is no such status", hint, position=term.position) from None
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
    sign, value = _comparison(term)
    compared = _compared(Token.expires_at, term, moments, past=False)
    # "within 7 days" is about what is still to come.
    within = sign.startswith("<") and _is_duration(value)
    return and_(Token.expires_at > moments.now, compared) if within else compared


def _unused(term: Term, moments: Moments) -> ColumnElement[bool]:
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


def _compared(column: Any, term: Term, moments: Moments, *, past: bool) -> ColumnElement[bool]:
    """`>30d` and `<30d` by distance from now (backwards for the past), a date by its local day."""
    sign, value = _comparison(term)
    moment: ColumnElement[datetime] = column
    try:
        if _is_duration(value):
            distance = validation.duration(value)
            edge = moments.now - distance if past else moments.now + distance
            farther = moment < edge if past else moment > edge
            return farther if sign.startswith(">") else not_(farther)
        first, after = _day(value, moments.zone)
    except (ValueError, OverflowError):
        hint = f"write {_EXAMPLES[term.field]} or {term.field}:>2026-12-31"
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
    return value[-1:] in ("s", "m", "h", "d", "w")


def _day(value: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a local day begins, and when the next one does; raises ValueError, OverflowError."""
    day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - only the date is used
    first, after = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), after.astimezone(UTC)
