"""The filter language, the same in the app and in the commands: text → terms (`filter_conditions` makes SQL of them).

    billing "old crm"            words and quoted groups: in name, ID, external ID or description, without case
    status:expiring              a field of `fields.FIELDS`, where each has its meaning and an example
    status:active,expiring       a comma means or
    -status:deleted              a minus turns a condition around

Where a moment is compared, `2026-12-31` (a local day) stands beside `30d`: `created:>2026-01-01` is after that day,
`created:>=2026-01-01` that day or later, `created:2026-01-01` that day. A duration without `<` or `>` is as long or
longer for `created`, `unused` and `rotated`, within it for `expires`.

A word matches an ID with or without its dashes, whole or in part: `SU-631-646-036`, `646-036`, `631646`. A whole key
finds its token; one whose checksum is wrong is refused, and never repeated in the refusal. In quotes, `\\"` is a quote
and `\\\\` a backslash.

A filter has at most 10 words and conditions, and fewer where they are slow to look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from tokentui.crypto.key_format import MalformedKey, format_id, parse_key
from tokentui.errors import QueryError
from tokentui.listing.fields import BY_NAME

KEY_FIELD = "key"
"""The field of a whole key, of which the ID is kept. It has no name that could be typed."""

MAX_LENGTH = 1000
"""Characters of the longest filter: SQLite refuses patterns and conditions that are much longer."""

MAX_TERMS = 10
"""Words and conditions of the longest filter: with so many, 100 000 tokens are searched within a second."""

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[^\W\d][\w-]*):)?(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]\S*|)', re.DOTALL)
_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s",][^\s,]*|', re.DOTALL)
_BEGUN_SECRET = re.compile("[0-9a-f]{0,39}", re.ASCII | re.IGNORECASE)
_KEY = re.compile(r"SU-[0-9-]*:\S*", re.ASCII | re.IGNORECASE)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `position` is where its value begins in the text, `is_last` whether the text ends with it.

    `field` is empty for a word, and `KEY_FIELD` for a whole key, of which only the ID is kept. Values after a comma
    stand in `others`, as terms of the same field: any of them may hold.
    """

    field: str
    value: str
    negated: bool
    position: int
    is_last: bool = False
    others: tuple[Term, ...] = ()

    @property
    def alternatives(self) -> tuple[Term, ...]:
        """This one, and the others of a list."""
        return (self, *self.others)


def parse(text: str) -> tuple[Term, ...]:
    """The conditions, all of which must hold; raises QueryError with the position where the text goes wrong."""
    if len(text) > MAX_LENGTH:
        raise QueryError("the filter is too long", f"at most {MAX_LENGTH} characters", position=MAX_LENGTH)
    if odd := _UNSTORABLE.search(text):
        raise QueryError("the filter holds a character that no token can have", position=odd.start())
    terms = tuple(_terms(text))
    values = [value for term in terms for value in term.alternatives]
    if len(values) > MAX_TERMS:
        hint = f"at most {MAX_TERMS} words and conditions"
        raise QueryError("the filter has too many words", hint, position=values[MAX_TERMS].position)
    return terms


def quoted(word: str) -> str:
    """The word as a term that matches it literally: in quotes."""
    return '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'


def _terms(text: str) -> Iterator[Term]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TERM.match(text, position)
        assert match is not None  # every part of the pattern may be empty
        term, position = _term(match, text)
        yield term


def _term(match: re.Match[str], text: str) -> tuple[Term, int]:
    """The term that begins here, and where it ends."""
    field, value, at = (match["field"] or "").lower(), match["value"], match.start("value")
    start, negated, last = match.end("minus"), bool(match["minus"]), match.end() == len(text)
    # A key reads as a field named after its ID. In quotes it is one too: no secret is looked for in names.
    if key := _KEY.match(text, start) or (None if field else _KEY.fullmatch(_unquoted(value))):
        return Term(KEY_FIELD, _id_of(key[0], start, last), negated, start, last), match.end()
    if field and field not in BY_NAME:
        raise _unknown_field(field, match.start("field"))
    if field and BY_NAME[field].lists:
        return _list(field, negated, text, at)
    _require_value(field, value, text, at, last)
    return Term(field, _unquoted(value), negated, at, last), match.end()


def _list(field: str, negated: bool, text: str, position: int) -> tuple[Term, int]:
    """The term of a field whose values may stand in a list with commas, and where it ends."""
    values: list[Term] = []
    while True:
        match = _ITEM.match(text, position)
        assert match is not None  # it may be empty
        last = match.end() == len(text)
        _require_value(field, match[0], text, position, last)
        values.append(Term(field, _unquoted(match[0]), negated, position, last))
        position = match.end() + 1
        if text[match.end() : position] != ",":
            return replace(values[0], others=tuple(values[1:])), match.end()


def _unknown_field(field: str, position: int) -> QueryError:
    nearest = get_close_matches(field, BY_NAME, 1)
    meant = f"did you mean {nearest[0]}? " if nearest else ""
    shown = field if len(field) <= 20 else f"{field[:19]}…"
    hint = f"{meant}fields are {', '.join(BY_NAME)}; quote a word that holds a colon"
    return QueryError(f"there is no field {shown!r}", hint, position=position)


def _require_value(field: str, value: str, text: str, position: int, last: bool) -> None:
    """Raises QueryError where a value is missing, or its quote is not closed."""
    if not value and text[position : position + 1] == '"':
        raise QueryError("a quote is not closed", "close it, or leave it out", position=position, incomplete=True)
    if value in ("", '""'):
        what, example = (f"{field}: needs a value", BY_NAME[field].example) if field else ("a word is missing", "-word")
        raise QueryError(what, f"such as {example}", position=position, incomplete=last)


def _id_of(text: str, position: int, last: bool) -> str:
    """The ID of a whole key, typed in any case; raises QueryError, which never repeats the key."""
    head, _, tail = text.partition(":")
    try:
        return format_id(parse_key(f"{head.upper()}:{tail.lower()}").token_id)
    except MalformedKey as error:
        begun = last and _BEGUN_SECRET.fullmatch(tail) is not None
        hint = "paste the whole key, or its ID alone"
        raise QueryError(str(error), hint, position=position, incomplete=begun) from None


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
