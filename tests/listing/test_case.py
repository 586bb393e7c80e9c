"""Case and accents: what SQL makes of them is what Python says, the same in a file and on a server."""

from __future__ import annotations

import string
import unicodedata

import pytest
from sqlalchemy import func, literal, select

from tests.factories import make_token
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.models import IgnoringCase, Token
from tokentui.tokens import reads

NAMES = (
    "Zoë", "zoe", "ÉCOLE", "école", "Ecole", "Straße", "STRASSE", "İzmir", "izmir", "ısı", "Ωμέγα", "ωμέγα", "ǆ", "Ǆ",
    "ﬀ", "a-b", "a b", "a_b", "A%b", "aB", "Ab", "[", "~", "0", "kelvin", "ж", "Ж", "日本", "😀", "a😀",
)  # fmt: skip
ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def without_ascii_case(text: str) -> str:
    """As SQLite's NOCASE compares it, which PostgreSQL's lower() in the C collation does too."""
    return text.translate(ASCII_LOWER)


@pytest.fixture
def tokens(context: Context) -> dict[int, str]:
    """Names by ID, each also as owner."""
    return {make_token(context, name, owner=name).token.id: name for name in NAMES}


def test_the_order_of_names(context: Context, tokens: dict[int, str]) -> None:
    """By the bytes of the UTF-8, without the case of ASCII letters, and then by ID."""
    expected = sorted(tokens, key=lambda number: (without_ascii_case(tokens[number]).encode(), number))
    for field in (SortField.NAME, SortField.OWNER):
        rows = pages.page(context, ListSpec(sort=Sort(field)))
        assert [row.id for row in rows] == expected
        rows = pages.page(context, ListSpec(sort=Sort(field, descending=True)))
        assert [row.id for row in rows] == expected[::-1]


def test_lower_case(context: Context) -> None:
    """Of each letter that has a case: SQL leaves alone what is not ASCII."""
    letters = [chr(code) for code in range(1, 0x2000) if chr(code).lower() != chr(code).upper()]
    with context.database.read() as session:
        for start in range(0, len(letters), 200):
            chunk = letters[start : start + 200]
            texts = [literal(letter, Token.name.type) for letter in chunk]
            # SQLite's columns say it themselves: what they compare by is what its lower() makes.
            lowered = map(func.lower if context.database.path else IgnoringCase, texts)
            assert list(session.execute(select(*lowered)).one()) == [without_ascii_case(letter) for letter in chunk]


def test_what_a_word_finds(context: Context, tokens: dict[int, str]) -> None:
    """As typed and in the usual cases, with accents composed or apart; so does the start of an owner."""
    for word in NAMES:
        if not word.strip("[~-_%0"):
            continue
        cases = {word, word.lower(), word.upper(), word.title(), word.capitalize()}
        forms = {without_ascii_case(unicodedata.normalize(form, case)) for form in ("NFC", "NFD") for case in cases}
        if word.isascii():
            forms = {without_ascii_case(word)}
        holding = {number for number, name in tokens.items() if any(form in without_ascii_case(name) for form in forms)}
        assert {row.id for row in pages.page(context, ListSpec(f'name:"{word}"'))} == holding, word
        beginning = {n for n, name in tokens.items() if without_ascii_case(name).startswith(tuple(forms))}
        assert {row.id for row in pages.page(context, ListSpec(f'owner:"{word}"'))} == beginning, word


def test_the_same_name(context: Context) -> None:
    """Without the case of ASCII letters alone."""
    made = make_token(context, "École").token
    assert reads.find_same_name(context, "ÉcOLE") is not None
    assert reads.find_same_name(context, "éCOLE") is None
    assert reads.find_same_name(context, "Ecole") is None
    assert reads.find_same_name(context, "École", other_than=made.id) is None
