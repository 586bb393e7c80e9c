"""A filter's terms as SQL conditions on the table of tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tokentui.crypto.key_format import PREFIX, parse_id
from tokentui.errors import QueryError
from tokentui.listing.fields import BY_NAME
from tokentui.listing.filter_language import KEY_FIELD, Term, parse
from tokentui.listing.filter_values import compare_number, compare_time, comparison, is_duration, refusal, written_word
from tokentui.models import EPOCH, LATEST, Extension, Secret, Token, TokenModule, status_is
from tokentui.records import Status
from tokentui.usage import reports

MAX_COST = 12
"""What a filter may cost: a word of ASCII is 1, another one as many as the forms that it is looked for in, digits and
`by:` are 2, counted responses 3. Some 60 ms each where 100 000 tokens are counted on a busy machine."""

# The digits of an ID as text: adding a billion keeps the leading zeros.
_NINE_DIGITS = func.substr(cast(Token.id + 1_000_000_000, String), 2)
_COSTS = {"id": 2, "by": 2, "rotated": 2, "requests": 3, "errors": 3}
_TIMES = ("created", "expires", "unused", "rotated")
_DIGITS = re.compile(r"(?:SU-?)?([0-9][0-9-]*)", re.ASCII | re.IGNORECASE)


class Contains(FunctionElement[bool]):
    """Whether a text contains another, or begins with it, without case.

    SQLAlchemy's own writes `lower(a) LIKE lower(b)`, which takes twice as long on SQLite, whose LIKE ignores the case
    of ASCII letters anyway.
    """

    inherit_cache = True
    type = Boolean()

    def __init__(self, text: Any, part: str, *, at_start: bool = False) -> None:
        escaped = re.sub(r"([%_/])", r"/\1", part)
        super().__init__(text, literal(f"{escaped}%" if at_start else f"%{escaped}%"))


@compiles(Contains)
def _compile_contains(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    like = "LIKE" if compiler.dialect.name == "sqlite" else "ILIKE"
    return f"({text} {like} {pattern} ESCAPE '/')"


CatalogWords = Literal["extension", "module"]
"""Of what the catalogue has words that a filter may name."""


@dataclass(frozen=True, slots=True)
class QueryTime:
    """When a filter is read: the moment (aware UTC), the operator's zone, and how soon an expiry counts as expiring.

    `words` reads which extensions (slugs, then codes) or modules there are; without it any is believed. `keeps_days`
    says whether the database keeps sums of responses by day.
    """

    now: datetime
    zone: tzinfo
    expiring: timedelta
    words: Callable[[CatalogWords], Sequence[str]] | None = None
    keeps_days: bool = False


def condition(text: str, query_time: QueryTime, *, met: Collection[Term] = ()) -> ColumnElement[bool]:
    """The query as a condition on `tokens`, without those of its terms that are met anyway; raises QueryError."""
    terms = parse(text)
    _refuse_costly(terms)
    return and_(true(), *(_condition(term, query_time) for term in terms if term not in met))


def asks_for_deleted(text: str) -> bool:
    """Whether a filter names deleted tokens, so that a list shows them: by their status, or by a whole key."""
    return any(
        word.field == KEY_FIELD or (word.field == "status" and word.value.lower() == Status.DELETED)
        for term in parse(text)
        if not term.negated
        for word in term.alternatives
    )


def changes_with_time(text: str) -> bool:
    """Whether other tokens match a query as time passes, though nobody changes any; a status is left out."""
    return any(
        word.field == "overlap" or (word.field in _TIMES and is_duration(word.value))
        for term in parse(text)
        for word in term.alternatives
    )


def _refuse_costly(terms: Sequence[Term]) -> None:
    """Raises QueryError at the term that would make a search too slow."""
    cost = 0
    for term in [alternative for written in terms for alternative in written.alternatives]:
        cost += _cost(term)
        if cost > MAX_COST:
            hint = "leave some out; digits, by: and letters beyond ASCII take longest"
            raise QueryError("the filter would take too long", hint, position=term.position)


def _cost(term: Term) -> int:
    if term.field in ("", "name", "external", "owner"):
        return 2 if not term.field and _DIGITS.fullmatch(term.value) else len(forms_of(term.value))
    return _COSTS.get(term.field, 1)


def _condition(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    condition = or_(*(term_condition(alternative, query_time) for alternative in term.alternatives))
    return not_(condition) if term.negated else condition


def term_condition(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    """What the first of a term's alternatives demands, not turned around; raises QueryError."""
    if not term.field:
        return _word(term.value)
    if term.field == KEY_FIELD:
        return Token.id == parse_id(term.value)
    return _CONDITIONS[term.field](term, query_time)


def _word(word: str) -> ColumnElement[bool]:
    texts = (Token.name, func.coalesce(Token.external_id, ""), Token.description)
    parts: list[ColumnElement[bool]] = [Contains(text, variant) for text in texts for variant in forms_of(word)]
    digits = digits_of(word)
    if digits is not None:
        parts.append(Contains(_NINE_DIGITS, digits))
    elif means_any_id(word):
        parts.append(true())
    return or_(*parts)


def digits_of(word: str) -> str | None:
    """The digits of a word that is a part of an ID, with or without its prefix and dashes; else None."""
    match = _DIGITS.fullmatch(word)
    return None if match is None else match[1].replace("-", "")


def means_any_id(word: str) -> bool:
    """Whether a word is what every ID begins with."""
    return word.upper().rstrip("-") == PREFIX


def forms_of(word: str) -> tuple[str, ...]:
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
    status = Status(written_word(term, Status, "status"))
    return status_is(status, now=query_time.now, expiring=query_time.expiring)


def _extension(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    wanted = term.value.lower()
    if query_time.words is not None:
        written_word(term, query_time.words("extension"), "extension")
    by_code = select(Extension.slug).where(func.lower(Extension.code) == wanted)
    return or_(Token.extension_slug == wanted, Token.extension_slug.in_(by_code))


def _module(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    if query_time.words is not None:
        written_word(term, query_time.words("module"), "module")
    opened = exists().where(TokenModule.token_id == Token.id, TokenModule.module_slug == term.value.lower())
    return or_(Token.all_modules, opened)


def _name(term: Term, _: QueryTime) -> ColumnElement[bool]:
    return or_(*(Contains(Token.name, variant) for variant in forms_of(term.value)))


def _external_id(term: Term, _: QueryTime) -> ColumnElement[bool]:
    text = func.coalesce(Token.external_id, "")
    return or_(*(Contains(text, variant) for variant in forms_of(term.value)))


def _owner(term: Term, _: QueryTime) -> ColumnElement[bool]:
    return or_(*(Contains(Token.owner, variant, at_start=True) for variant in forms_of(term.value)))


def _id(term: Term, _: QueryTime) -> ColumnElement[bool]:
    digits = digits_of(term.value)
    if digits is None:
        begun = f"{PREFIX}-".startswith(term.value.upper())
        raise refusal(term, "an ID has digits and dashes alone", f"write {BY_NAME['id'].example}", begun=begun)
    return Contains(_NINE_DIGITS, digits)


def _by(term: Term, _: QueryTime) -> ColumnElement[bool]:
    return or_(
        Contains(Token.created_by, term.value, at_start=True), Contains(Token.updated_by, term.value, at_start=True)
    )


def _created(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    return _compared(Token.created_at, term, query_time)


def _expires(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    if term.value.lower() == "never":
        return Token.expires_at >= LATEST
    sign, value = comparison(term)
    compared = _compared(Token.expires_at, term, query_time)
    # "within 7 days" is about what is still to come.
    within = sign.startswith("<") and is_duration(value)
    return and_(Token.expires_at > query_time.now, compared) if within else compared


def _unused(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    used, made = _compared(Token.last_used_at, term, query_time), _compared(Token.created_at, term, query_time)
    return or_(and_(Token.last_used_at > EPOCH, used), and_(Token.last_used_at <= EPOCH, made))


def _rotated(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    newest = select(func.max(Secret.created_at)).where(Secret.token_id == Token.id).scalar_subquery()
    return _compared(type_coerce(newest, Secret.created_at.type), term, query_time)


def _requests(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    return _counted(term, query_time)


def _errors(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    return _counted(term, query_time)


def _counted(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    ids, includes = tokens_by_use(term, query_time)
    return Token.id.in_(ids) if includes else Token.id.not_in(ids)


def tokens_by_use(term: Term, query_time: QueryTime) -> tuple[Select[Any], bool]:
    """The tokens whose responses, or errors, of the last 30 local days are so many as the term says, and True.

    Or all others, and False, where a token without any is meant too: that has no row to count.
    """
    counted = reports.by_token(now=query_time.now, zone=query_time.zone, keeps_days=query_time.keeps_days)
    compared, zero_is = compare_number(counted.c[term.field], term)
    return select(counted.c.token_id).where(not_(compared) if zero_is else compared), not zero_is


def _network(term: Term, _: QueryTime) -> ColumnElement[bool]:
    anywhere = written_word(term, BY_NAME["network"].values, "choice of networks") == "any"
    return Token.networks == "" if anywhere else Token.networks != ""


def _overlap(term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    # A secret with an end is an old one.
    ending = and_(Secret.stops_at > query_time.now, Secret.stops_at < LATEST)
    overlaps = exists().where(Secret.token_id == Token.id, ending)
    return overlaps if written_word(term, BY_NAME["overlap"].values, "answer") == "yes" else not_(overlaps)


def _compared(moment: Any, term: Term, query_time: QueryTime) -> ColumnElement[bool]:
    return compare_time(moment, term, query_time.now, query_time.zone)


_CONDITIONS: dict[str, Callable[[Term, QueryTime], ColumnElement[bool]]] = {
    "status": _status,
    "ext": _extension,
    "module": _module,
    "owner": _owner,
    "name": _name,
    "id": _id,
    "external": _external_id,
    "by": _by,
    "created": _created,
    "expires": _expires,
    "unused": _unused,
    "rotated": _rotated,
    "requests": _requests,
    "errors": _errors,
    "network": _network,
    "overlap": _overlap,
}
