"""The filter language, the same in the app and in the commands: text → terms (`filter_conditions` makes SQL of them).

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

A filter has at most 10 words and conditions, and fewer where they are slow to look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tokentui.crypto.key_format import MalformedKey, format_id, parse_key
from tokentui.errors import QueryError

FIELDS = ("status", "ext", "module", "created", "expires", "unused", "by")

ID_FIELD = "id"
"""The field of a whole key. Not to be typed: words match IDs."""

MAX_LENGTH = 1000
"""Characters of the longest filter: SQLite refuses patterns and conditions that are much longer."""

MAX_TERMS = 10
"""Words and conditions of the longest filter: with so many, 100 000 tokens are searched within a second."""

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[^\W\d][\w-]*):)?(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]\S*|)', re.DOTALL)
_KEY = re.compile(r"SU-[0-9-]*:\S*", re.ASCII | re.IGNORECASE)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

EXAMPLES = {
    "status": "status:expiring",
    "ext": "ext:zapier",
    "module": "module:helpdesk",
    "created": "created:>30d",
    "expires": "expires:<7d",
    "unused": "unused:>90d",
    "by": "by:alice",
}
"""A term of each field, for hints."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `position` is where its value begins in the text.

    `field` is empty for a word, and `id` for a whole key, of which only the ID is kept.
    """

    field: str
    value: str
    negated: bool
    position: int


def parse(text: str) -> tuple[Term, ...]:
    """The conditions, all of which must hold; raises QueryError with the position where the text goes wrong."""
    if len(text) > MAX_LENGTH:
        raise QueryError("the filter is too long", f"at most {MAX_LENGTH} characters", position=MAX_LENGTH)
    if odd := _UNSTORABLE.search(text):
        raise QueryError("the filter holds a character that no token can have", position=odd.start())
    terms = tuple(_terms(text))
    if len(terms) > MAX_TERMS:
        hint = f"at most {MAX_TERMS} words and conditions"
        raise QueryError("the filter has too many words", hint, position=terms[MAX_TERMS].position)
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
        yield _term(match, text)
        position = match.end()


def _term(match: re.Match[str], text: str) -> Term:
    field, value, at = (match["field"] or "").lower(), match["value"], match.start("value")
    start, negated = match.end("minus"), bool(match["minus"])
    # A key reads as a field named after its ID. In quotes it is one too: no secret is looked for in names.
    if key := _KEY.match(text, start) or (None if field else _KEY.fullmatch(_unquoted(value))):
        return Term(ID_FIELD, _id_of(key[0], start), negated, start)
    if field and field not in FIELDS:
        known = f"fields are {', '.join(FIELDS)}; quote a word that holds a colon"
        shown = field if len(field) <= 20 else f"{field[:19]}…"
        raise QueryError(f"there is no field {shown!r}", known, position=match.start("field"))
    if not value and text[at : at + 1] == '"':
        raise QueryError("a quote is not closed", "close it, or leave it out", position=at)
    if value in ("", '""'):
        what, example = (f"{field}: needs a value", EXAMPLES[field]) if field else ("a word is missing", "-word")
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
