"""The filter language as text: what is read, and where it is refused. What it finds: `test_filter_conditions`."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tokentui.crypto import key_format
from tokentui.errors import QueryError
from tokentui.listing import filter_conditions, filter_language
from tokentui.listing.fields import BY_NAME

QUERY_TIME = filter_conditions.QueryTime(START, ZoneInfo("Europe/Berlin"), timedelta(days=7))
RANDOM = "0123456789abcdef0123456789abcdef"
# The same in every process: the tests are named after it, and run in several.
KEY = key_format.Key(631646036, RANDOM + key_format.checksum(631646036, RANDOM))


def terms(text: str) -> list[tuple[str, str, bool]]:
    return [(term.field, term.value, term.negated) for term in filter_language.parse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \t ", []),
        ("billing", [("", "billing", False)]),
        ("old  crm", [("", "old", False), ("", "crm", False)]),
        ('"old crm" -zapier', [("", "old crm", False), ("", "zapier", True)]),
        ("Status:Expiring", [("status", "Expiring", False)]),
        ('-ext:"two words"', [("ext", "two words", True)]),
        (r'"say \"hi\" \\o/"', [("", r'say "hi" \o/', False)]),
        ("created:>30d", [("created", ">30d", False)]),
        ('5" it"s', [("", '5"', False), ("", 'it"s', False)]),
        ('"status:active"', [("", "status:active", False)]),
        ("12:30", [("", "12:30", False)]),
        ("--x", [("", "-x", True)]),
        ("SU-631-646-036", [("", "SU-631-646-036", False)]),
        ("Zürich 請求書", [("", "Zürich", False), ("", "請求書", False)]),
    ],
)
def test_what_is_read(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert terms(text) == expected


def test_where_each_term_stands() -> None:
    assert [term.position for term in filter_language.parse(' crm -status:expired "x"')] == [1, 13, 21]


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ('crm "old', 4, "a quote is not closed"),
        ('ext:"old', 4, "a quote is not closed"),
        ("crm -", 5, "a word is missing"),
        ('crm ""', 4, "a word is missing"),
        ("crm status: x", 11, "status: needs a value"),
        ('ext:""', 4, "ext: needs a value"),
        ("crm colour:red", 4, "there is no field 'colour'"),
        ("status:active,", 14, "status: needs a value"),
        ("status:,active", 7, "status: needs a value"),
        ("status:active,gone", 14, "there is no such status"),
        ("requests:many", 9, "requests: can't read the number"),
        ("errors:>-1", 7, "errors: can't read the number"),
        ("errors:>", 7, "errors: can't read the number"),
        ("network:here", 8, "there is no such choice of networks"),
        ("overlap:maybe", 8, "there is no such answer"),
        ("rotated:soon", 8, "rotated: can't read the time"),
        ("id:billing", 3, "an ID has digits and dashes alone"),
        ("external-id:7", 0, "there is no field 'external-id'"),
        ("crm status:gone", 11, "there is no such status"),
        ("created:yesterday", 8, "created: can't read the time"),
        ("created:>2026-02-30", 8, "created: can't read the time"),
        ("created:><30d", 8, "created: can't read the time"),
        ("created:>", 8, "created: can't read the time"),
        ("created:>999999999w", 8, "created: can't read the time"),
        ("created:0001-01-01", 8, "created: can't read the time"),
        ("expires:<9999-12-31", 8, "expires: can't read the time"),
        ("unused:never", 7, "unused: can't read the time"),
        ("a\0b", 1, "the filter holds a character that no token can have"),
        ("x \udc80", 2, "the filter holds a character that no token can have"),
        ("x" * 1001, 1000, "the filter is too long"),
    ],
)
def test_what_is_refused_and_where(text: str, position: int, said: str) -> None:
    with pytest.raises(QueryError) as refused:
        filter_conditions.condition(text, QUERY_TIME)
    assert (refused.value.position, refused.value.message) == (position, said)


def test_an_unknown_field_lists_the_fields() -> None:
    with pytest.raises(QueryError, match="fields are status, ext, module, owner, name, id, external, by, created"):
        filter_language.parse("colour:red")
    with pytest.raises(QueryError, match="did you mean status"):
        filter_language.parse("stauts:active")
    with pytest.raises(QueryError, match="did you mean disabled"):
        filter_conditions.condition("status:disable", QUERY_TIME)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("status:active,Expiring", ["active", "Expiring"]),
        ('owner:"Portal team",finance', ["Portal team", "finance"]),
        (r'name:"a,b","c\"d" x', ["a,b", 'c"d']),
        ("-ext:zapier,reports", ["zapier", "reports"]),
    ],
)
def test_a_comma_means_or(text: str, values: list[str]) -> None:
    """In the fields that have lists; in quotes and in words a comma is a comma."""
    assert [alternative.value for alternative in filter_language.parse(text)[0].alternatives] == values
    (word,) = filter_language.parse("a,b")
    assert (word.value, word.others) == ("a,b", ())


@pytest.mark.parametrize(
    "text",
    [
        "status:", "status:exp", "x status:active,", "status:active,dis", "-", "-status:", '"old', 'name:"ol',
        "expires:", "expires:<", "expires:<7", "expires:nev", "created:2026-1",
        "created:>=2026-11-", "unused:>", "requests:",
        "errors:>=", "network:lim", "overlap:y", "id:SU", "id:su-", KEY.text[:-1], KEY.text[:20], KEY.text[:15],
    ],
)  # fmt: skip
def test_what_could_still_become_right_is_incomplete(text: str) -> None:
    """Only while it stands at the end: with a space after it, nothing more is typed there."""
    with pytest.raises(QueryError) as refused:
        filter_conditions.condition(text, QUERY_TIME)
    assert refused.value.incomplete
    if '"' not in text:
        with pytest.raises(QueryError) as refused:
            filter_conditions.condition(f"{text} ", QUERY_TIME)
        assert not refused.value.incomplete


@pytest.mark.parametrize(
    "text",
    [
        "status:gone", "colour:red", "expires:<7x", "created:soon", "unused:nev", "requests:x", "network:here", "id:b",
        f"{KEY.text}0", "status:exp,active", "-status:gone", "x" * 1001, "a\0",
    ],
)  # fmt: skip
def test_what_is_wrong_is_not_incomplete(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        filter_conditions.condition(text, QUERY_TIME)
    assert not refused.value.incomplete


@pytest.mark.parametrize("typed", [KEY.text, KEY.text.lower(), KEY.text.upper(), f'"{KEY.text}"'])
def test_a_whole_key_is_its_id_and_the_secret_is_not_kept(typed: str) -> None:
    parsed = filter_language.parse(f"-{typed}")
    assert terms(f"-{typed}") == [(filter_language.KEY_FIELD, "SU-631-646-036", True)]
    assert KEY.secret not in repr(parsed).lower()
    assert KEY.secret not in str(filter_conditions.condition(typed, QUERY_TIME).compile().params).lower()


@pytest.mark.parametrize(
    "text",
    [
        KEY.text[:-1] + ("0" if KEY.text[-1] != "0" else "1"),
        KEY.text[:-1],
        KEY.text + "0",
        f'"{KEY.text[:-1]}"',
        f"status:{KEY.text}",
        f"status:{KEY.secret}",
        f"x{KEY.secret}:1",
        f"created:{KEY.text}",
        f'"{KEY.text}',
        f"Authorization:{KEY.text}",
    ],
)
def test_no_refusal_repeats_a_secret(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        filter_conditions.condition(text, QUERY_TIME)
    for part in (KEY.secret[:20], KEY.secret[12:32], KEY.secret[-20:]):
        assert part not in str(refused.value)


PIECES = st.sampled_from(
    [*BY_NAME, ",", ":", "-", '"', "\\", " ", ">", "<", "=", "30d", "never", "SU-", "2026-01-01", "%"]
)


@given(st.one_of(st.text(st.characters(codec=None)), st.lists(PIECES).map("".join)))
def test_nothing_but_a_query_error_is_raised(text: str) -> None:
    position = 0
    try:
        filter_conditions.condition(text, QUERY_TIME).compile()
    except QueryError as refused:
        position = refused.position
    assert 0 <= position <= len(text)


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(st.lists(WORDS.filter(lambda word: not word.upper().startswith("SU-")), max_size=5))
def test_a_quoted_word_comes_back_as_it_was(words: list[str]) -> None:
    text = " ".join(map(filter_language.quoted, words))
    assert terms(text) == [("", word, False) for word in words]


@given(st.sampled_from(list(BY_NAME)), st.booleans(), WORDS)
def test_a_quoted_value_comes_back_as_it_was(field: str, negated: bool, value: str) -> None:
    assert terms(f"{'-' * negated}{field}:{filter_language.quoted(value)}") == [(field, value, negated)]


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"w{count}" for count in range(11)), " ".join(f'"w{count}"' for count in range(11)),
        " ".join(["a,b"] * 11), " ".join(["-x"] * 11), " ".join(["status:active"] * 11), " ".join(["123"] * 7),
        " ".join(["by:a"] * 7), " ".join(["errors:0"] * 5), "name:a,b,c,d,e,f,g,h,i,j,k",
        " ".join(["ärger"] * 7), "x " * 500,
    ],
)  # fmt: skip
def test_a_filter_that_would_hold_up_a_large_list_is_refused(text: str) -> None:
    """Whatever its words are, in a line that says so and where."""
    with pytest.raises(QueryError, match=r"too many words|take too long") as refused:
        filter_conditions.condition(text, QUERY_TIME)
    assert 0 < refused.value.position < len(text)
    assert refused.value.hint


def test_as_many_words_as_are_allowed() -> None:
    filter_conditions.condition(" ".join(f"-w{count}" for count in range(filter_language.MAX_TERMS)), QUERY_TIME)
