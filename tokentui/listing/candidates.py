"""Finding a few tokens by the terms of a filter, each by the index that knows them, before any order is thought of.

What a term names may be a token too many, never one too few: each is compared with the whole filter afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    case,
    cast,
    collate,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from tokentui.listing import text_search
from tokentui.listing.filter_conditions import QueryTime, forms_of, term_condition, tokens_by_use
from tokentui.listing.filter_language import Term, parse
from tokentui.listing.filter_values import compare_time, comparison, is_duration
from tokentui.models import EPOCH, LATEST, Secret, Token, to_micros

FEW = 10_000
"""So many tokens are compared and sorted sooner than the list is read in its order until a page is full."""

FEW_ENTRIES = 4 * FEW
"""So many entries of an index that holds all that they are compared and sorted by."""

_RANGES = ("created", "expires")
_IN_ENTRIES = (*_RANGES, "status")
"""The fields of a filter that are ranges of an index, and those that its entries hold."""

Ids = Select[Any]


@dataclass(frozen=True, slots=True)
class Few:
    """A condition that few tokens meet, all that match the query among them.

    `met` are the terms of the query that each of them meets: they need not be compared again. `in_entries`: they are
    a range of an index whose entries hold all that they are compared and sorted by.
    """

    condition: ColumnElement[bool]
    met: tuple[Term, ...] = ()
    in_entries: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """The IDs that terms name, the terms that those and no others meet, and whether they are ranges of indexes."""

    ids: Ids
    met: tuple[Term, ...]
    in_ranges: bool


def few(session: Session, query: str, at: QueryTime, *, by_status: bool, times: int = 1) -> Few | None:
    """At most `times` `FEW` tokens; None where no term names so few.

    `by_status` says whether the tokens are to be sorted by their status. For SQLite: another database plans so by
    itself. Raises QueryError.
    """
    if not query.strip() or session.get_bind().dialect.name != "sqlite":
        return None
    most = times * FEW
    terms = parse(query)
    for named in _of_terms(session, terms, at):
        as_json = session.connection().execute(_listed(named, most)).scalar_one()
        if as_json is not None:
            return Few(Token.id.in_(select(func.json_each(as_json).table_valued("value").c.value)), named.met)
    in_entries = by_status and all(term.field in _IN_ENTRIES for term in terms)
    if in_entries:
        most = times * FEW_ENTRIES
    for condition, met in _ranges(terms, at):
        more = select(Token.id).where(condition).offset(most).limit(1)
        if session.connection().execute(more).first() is None:
            return Few(condition, met, in_entries)
    return None


def words(session: Session, query: str) -> list[ColumnElement[bool]]:
    """The condition that the search index puts on the tokens, where it knows any of the query's words."""
    ids = text_search.ids_of(session, parse(query)) if query.strip() else None
    return [] if ids is None else [Token.id.in_(ids)]


def _listed(named: _Named, most: int) -> Select[Any]:
    """The IDs as JSON, NULL where there are more than so many.

    Looked up once: who compares them goes by the list. As numbers, since JSON has no word for a damaged ID.
    """
    some = named.ids.limit(most + 1).subquery()
    as_json = case((func.count() <= most, func.json_group_array(cast(some.c[0], Integer))))
    listed = select(as_json).select_from(some)
    if not named.in_ranges:
        return listed
    # To pass over the entries of an index takes a quarter of the time of listing them.
    more = named.ids.offset(most).limit(1).subquery()
    return select(case((exists().select_from(more), None), else_=listed.scalar_subquery()))


def _ranges(terms: Sequence[Term], at: QueryTime) -> Iterator[tuple[ColumnElement[bool], tuple[Term, ...]]]:
    """The terms that are a range of an index."""
    for term in terms:
        if not term.negated and term.field in _RANGES:
            yield or_(*(term_condition(alternative, at) for alternative in term.alternatives)), (term,)


def _of_terms(session: Session, terms: Sequence[Term], at: QueryTime) -> Iterator[_Named]:
    """What all words name together, and what each term does that names IDs."""
    texts = text_search.ids_of(session, terms)
    if texts is not None:
        yield _Named(texts, (), in_ranges=False)
    for term in terms:
        if not term.negated and term.field in _IDS:
            named = [_IDS[term.field](alternative, at) for alternative in term.alternatives]
            if all(named):  # else one of them is met by most tokens
                parts = [part for alternative in named for part in alternative]
                united = union_all(*parts).subquery()
                ids = parts[0] if len(parts) == 1 else select(united.c[0])
                met = (term,) if all(map(_is_exact, term.alternatives)) else ()
                yield _Named(ids, met, in_ranges=term.field not in _COUNTED)


def _is_exact(term: Term) -> bool:
    """Whether what an index names for a term is what meets it, and nothing else."""
    if term.field == "rotated":  # where any secret is so new, the newest is
        sign, value = comparison(term)
        return sign.startswith("<" if is_duration(value) else ">")
    return term.field in _EXACT


def _by_condition(term: Term, at: QueryTime) -> list[Ids]:
    return [select(Token.id).where(term_condition(term, at))]


def _unused(term: Term, at: QueryTime) -> list[Ids]:
    used, made = _compared(Token.last_used_at, term, at), _compared(Token.created_at, term, at)
    return [select(Token.id).where(Token.last_used_at > EPOCH, used), select(Token.id).where(made)]


def _rotated(term: Term, at: QueryTime) -> list[Ids]:
    return [select(Secret.token_id).where(_compared(Secret.created_at, term, at))]


def _compared(moment: Any, term: Term, at: QueryTime) -> ColumnElement[bool]:
    return compare_time(moment, term, at.now, at.zone)


def _overlap(term: Term, at: QueryTime) -> list[Ids]:
    # As a number in the statement: SQLite must see that it is the condition of the index.
    ending = Secret.stops_at < literal_column(str(to_micros(LATEST)))
    overlaps = term.value.lower() == "yes"
    return [select(Secret.token_id).where(ending, Secret.stops_at > at.now)] if overlaps else []


def _limited(term: Term, _: QueryTime) -> list[Ids]:
    limited = term.value.lower() == "limited"
    return [select(Token.id).where(Token.networks != literal_column("''"))] if limited else []


def _by_use(term: Term, at: QueryTime) -> list[Ids]:
    ids, includes = tokens_by_use(term, at)
    return [ids] if includes else []


def _owner(term: Term, _: QueryTime) -> list[Ids]:
    return [select(Token.id).where(*_begins(Token.owner, form)) for form in forms_of(term.value)]


def _by(term: Term, _: QueryTime) -> list[Ids]:
    columns = (Token.created_by, Token.updated_by)
    return [select(Token.id).where(*_begins(collate(column, "NOCASE"), term.value)) for column in columns]


def _begins(column: Any, text: str) -> list[ColumnElement[bool]]:
    """Whether a text begins so without case, as a range of an index that ignores case; it may hold a little more."""
    text = "".join(character.lower() if character.isascii() else character for character in text)
    last = ord(text[-1]) + 1
    if 0xD800 <= last < 0xE000:
        last = 0xE000
    before = [column < literal(text[:-1] + chr(last))] if last < 0x110000 else []
    return [column >= literal(text), *before]


_COUNTED = ("requests", "errors")
_EXACT = ("ext", "overlap", "network", *_COUNTED)

_IDS: dict[str, Callable[[Term, QueryTime], list[Ids]]] = {
    "ext": _by_condition,
    "unused": _unused,
    "rotated": _rotated,
    "requests": _by_use,
    "errors": _by_use,
    "overlap": _overlap,
    "network": _limited,
    "owner": _owner,
    "by": _by,
}
