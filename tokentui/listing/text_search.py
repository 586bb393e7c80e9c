"""Looking words up in the search index: which of a filter's terms it knows, and the tokens that may match them.

The index knows trigrams without case, and where in which text of a token they stand. It may name a token too many,
never one too few: each is compared with the filter afterwards, so that what is found is the same as without the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from tokentui.listing.filter_conditions import digits_of, forms_of, means_any_id
from tokentui.listing.filter_language import Term
from tokentui.models.derived_tables import TOKEN_SEARCH

_TRIGRAM = 3
_MOST_TRIGRAMS = 24
"""Of one word: the rest would make it no rarer, and costs as much again each."""

_LONGEST_PHRASE = _MOST_TRIGRAMS + _TRIGRAM - 1
_HAS_NUMBER = re.compile("[0-9]{3}")

_COLUMNS = {"name": "name : ", "external": "external_id : "}
_DIGITS = "digits : "
"""How FTS5 is told of the column that a text is looked for in: that of what follows."""

_IS_THERE = text(
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'token_search') "
    "AND EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5')"
)


def ids_of(session: Session, terms: Sequence[Term]) -> Select[Any] | None:
    """The IDs of the tokens that may match the words among the terms; None where the index can't help with any.

    None also where there is no index.
    """
    match = match_of(terms)
    if match is None or session.get_bind().dialect.name != "sqlite" or not session.scalar(_IS_THERE):
        return None
    return select(TOKEN_SEARCH.c.rowid).where(TOKEN_SEARCH.c.token_search.op("MATCH")(match))


def match_of(terms: Iterable[Term]) -> str | None:
    """The terms in the language of FTS5, those left out that the index can't help with; None where that is all."""
    matches = [match for term in terms if not term.negated and (match := _match_of_term(term)) is not None]
    return " AND ".join(matches) or None


def _match_of_term(term: Term) -> str | None:
    """Any of the alternatives; each must be one that can be looked up."""
    texts = [text for alternative in term.alternatives for text in _texts(alternative)]
    if not texts or any(len(text) < _TRIGRAM for _, text in texts):
        return None
    return f"({' OR '.join(dict.fromkeys(column + _trigrams(text) for column, text in texts))})"


def _texts(term: Term) -> Sequence[tuple[str, str]]:
    """The texts of which a token has one where the term holds, each behind the column that it is in, if that is told.

    An empty text where that can't be told.
    """
    digits = digits_of(term.value)
    if term.field == "id":
        return ((_DIGITS, digits or ""),)
    if term.field in _COLUMNS:
        return tuple((_COLUMNS[term.field], form) for form in forms_of(term.value))
    if term.field or (digits is None and means_any_id(term.value)):
        return (("", ""),)
    return (*(("", form) for form in forms_of(term.value)), *(() if digits is None else ((_DIGITS, digits),)))


def _trigrams(word: str) -> str:
    """What a text that holds the word holds too."""
    if _HAS_NUMBER.search(word):
        # Digits come in every order, so that trigrams of them say little: all of them, one after the other.
        return _phrase(word[:_LONGEST_PHRASE])
    # Those that stand side by side, and the last: others would overlap them, and hardly make the word rarer.
    last = len(word) - _TRIGRAM
    step = max(_TRIGRAM, -(-last // _MOST_TRIGRAMS))
    parts = dict.fromkeys(word[start : start + _TRIGRAM] for start in [*range(0, last, step), last])
    return "(" + " AND ".join(map(_phrase, parts)) + ")"


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
