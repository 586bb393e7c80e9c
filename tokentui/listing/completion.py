"""What a filter could go on with, at the place where one types. Pure: the catalogue's words are passed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tokentui.listing.fields import BY_NAME, FIELDS

_BEGUN = re.compile(r'-?(?:(?P<field>[a-z]+):)?(?P<value>[^\s"]*)\Z')

_BEGUN_NUMBER = re.compile(r"[<>]?=?[\d:t-]*")
"""What a number, a duration or a date is while its end is missing."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that the catalogue knows, each with what it is called: by slug its name."""

    extensions: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on: `text` replaces what stands between `start` and `end` of the filter; `meaning` explains it."""

    text: str
    meaning: str
    start: int
    end: int

    def applied_to(self, filter_text: str) -> tuple[str, int]:
        """The filter with the suggestion in it, and where the cursor stands then.

        A value is followed by a space, a field by its value.
        """
        rest = filter_text[self.end :]
        gap = "" if self.text.endswith(":") or rest.startswith(" ") else " "
        before = filter_text[: self.start] + self.text + gap
        return before + rest, len(before)


def suggestions(filter_text: str, cursor: int, vocabulary: Vocabulary, *, most: int = 8) -> tuple[Suggestion, ...]:
    """The fields or values that begin like the term left of the cursor, at most `most`; none within quotes.

    A term that already is what would be suggested has none: there is nothing to add.
    """
    start = _start_of_term(filter_text, cursor)
    match = None if start is None else _BEGUN.fullmatch(filter_text[start:cursor].lower())
    if start is None or match is None:
        return ()
    begun = match["value"]
    if match["field"] is None:
        if not begun:
            return ()
        offered: Iterable[tuple[str, str]] = _fields_like(begun)
    elif match["field"] in BY_NAME:
        if BY_NAME[match["field"]].lists:
            begun = begun.rpartition(",")[2]
        offered = _values_like(match["field"], begun, vocabulary)
    else:
        return ()
    place = cursor - len(begun)
    suggestions = [Suggestion(text, meaning, place, cursor) for text, meaning in offered]
    return () if [suggestion.text for suggestion in suggestions] == [begun] else tuple(suggestions[:most])


def begun_field(filter_text: str, cursor: int) -> int | None:
    """Where the word begins that ends at the cursor, if it is how the name of a field begins; None otherwise."""
    start = None if filter_text[cursor : cursor + 1].strip() else _start_of_term(filter_text, cursor)
    match = None if start is None else _BEGUN.fullmatch(filter_text[start:cursor].lower())
    if match is None or match["field"] is not None or not match["value"]:
        return None
    return start if any(_fields_like(match["value"])) else None


def unfinished_term(filter_text: str, cursor: int, vocabulary: Vocabulary) -> int | None:
    """Where the term begins that ends at the cursor, if it may yet become right as one types on.

    That is so within quotes, and where a value is empty or begins like one that its field can have. None for a word,
    which is right as it stands, and where the cursor stands anywhere but at the end of a term.
    """
    if filter_text[cursor : cursor + 1].strip():
        return None
    start = _start_of_term(filter_text, cursor)
    if start is None:
        opened = cursor
        while start is None:  # the last quote may be an escaped one
            opened = filter_text[:opened].rindex('"')
            start = _start_of_term(filter_text, opened)
        return start
    term = filter_text[start:cursor].lower()
    match = _BEGUN.fullmatch(term)
    if match is None or match["field"] not in BY_NAME:
        return start if term == "-" else None
    search_field = BY_NAME[match["field"]]
    begun = match["value"].rpartition(",")[2] if search_field.lists else match["value"]
    offers = bool(search_field.values) or search_field.name in ("ext", "module")
    if not begun or not offers or any(_values_like(search_field.name, begun, vocabulary)):
        return start
    return start if _BEGUN_NUMBER.fullmatch(begun) and search_field.values and not search_field.lists else None


def _start_of_term(filter_text: str, cursor: int) -> int | None:
    """Where the term left of the cursor begins; None where the cursor stands within quotes."""
    start, quoted, position = 0, False, 0
    while position < cursor:
        character = filter_text[position]
        if character == "\\" and quoted:
            position += 1
        elif character == '"':
            quoted = not quoted
        elif character.isspace() and not quoted:
            start = position + 1
        position += 1
    return None if quoted else start


def _fields_like(begun: str) -> Iterator[tuple[str, str]]:
    for search_field in FIELDS:
        if search_field.name.startswith(begun):
            yield f"{search_field.name}:", search_field.meaning


def _values_like(name: str, begun: str, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The values that begin so; then those whose name does, since people remember a module by its name."""
    words = {"ext": vocabulary.extensions, "module": vocabulary.modules}.get(name)
    if words is None:
        yield from ((value, "") for value in BY_NAME[name].values if value.startswith(begun))
        return
    yield from ((slug, title) for slug, title in words.items() if slug.startswith(begun))
    yield from (
        (slug, title)
        for slug, title in words.items()
        if not slug.startswith(begun) and begun and title.lower().startswith(begun)
    )
