"""What the filter offers while it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.listing.completion import Vocabulary, begun_field, suggestions, unfinished_term
from tokentui.listing.fields import FIELDS

WORDS = Vocabulary(
    extensions={"custom": "Custom", "zapier": "Zapier"},
    modules={"helpdesk": "Helpdesk", "hubs": "Hubs", "conversations": "Helpdesk conversations"},
)


def offered(text: str, cursor: int | None = None) -> list[str]:
    """The texts that are offered at the cursor, which stands at the end unless it is said."""
    return [suggestion.text for suggestion in suggestions(text, len(text) if cursor is None else cursor, WORDS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("st", ["status:"]),
        ("STA", ["status:"]),
        ("-st", ["status:"]),
        ("billing ex", ["ext:", "external:", "expires:"]),
        ("status:", ["active", "expiring", "expired", "disabled", "deleted"]),
        ("status:exp", ["expiring", "expired"]),
        ("-status:del", ["deleted"]),
        ("status:active,dis", ["disabled"]),
        ("ext:z", ["zapier"]),
        ("module:h", ["helpdesk", "hubs", "conversations"]),
        ("expires:<", ["<1d", "<7d", "<30d"]),
        ("network:", ["any", "limited"]),
        ("nothing:x", []),
        ("unknownword", []),
    ],
)
def test_what_begins_like_the_term(text: str, expected: list[str]) -> None:
    """Fields first, then the values of a field; modules by their names too."""
    assert offered(text) == expected


@pytest.mark.parametrize("text", ["status:active", "ext:zapier", "overlap:yes", '"st', 'name:"st', '"a \\" st'])
def test_nothing_where_there_is_nothing_to_add(text: str) -> None:
    """A whole value; a quoted text, which is looked for as it is."""
    assert offered(text) == []


def test_behind_a_closed_quote() -> None:
    """The next term begins behind the space."""
    assert offered('"old crm" sta') == ["status:"]


@pytest.mark.parametrize(
    ("text", "cursor", "result"),
    [
        ("sta", 3, ("status:", 7)),
        ("status:exp", 10, ("status:expiring ", 16)),
        ("status:active,dis", 17, ("status:active,disabled ", 23)),
        ("sta ext:zapier", 3, ("status: ext:zapier", 7)),
        ("module:help more", 11, ("module:helpdesk more", 15)),
    ],
)
def test_the_first_one_applied(text: str, cursor: int, result: tuple[str, int]) -> None:
    """A field waits for its value, a value is followed by a space, what stands behind the cursor stays."""
    assert suggestions(text, cursor, WORDS)[0].applied_to(text) == result


@given(text=st.text(alphabet='st:-,"\\ eé<7d', max_size=30), data=st.data())
def test_any_text_at_any_place(text: str, data: st.DataObject) -> None:
    """No text is refused, and what is inserted stands where the cursor was."""
    cursor = data.draw(st.integers(0, len(text)))
    for suggestion in suggestions(text, cursor, WORDS):
        after, place = suggestion.applied_to(text)
        assert suggestion.text in after[:place]
        assert text[cursor:] in after


def test_each_example_is_of_its_field() -> None:
    """The table is what errors and help show."""
    for field in FIELDS:
        assert field.example.startswith(f"{field.name}:")
        assert field.meaning


@pytest.mark.parametrize(
    ("text", "cursor", "start"),
    [
        ("stat", 4, 0),
        ("status", 6, 0),
        ("alpha -STAT", 11, 6),
        ("stat alpha", 4, 0),
        ("status:", 7, None),
        ("statue", 6, None),
        ("stat ", 5, None),
        ("status", 3, None),
        ('"stat', 5, None),
        ("", 0, None),
    ],
)
def test_the_name_of_a_field_that_is_being_typed(text: str, cursor: int, start: int | None) -> None:
    """At its end, outside of quotes."""
    assert begun_field(text, cursor) == start


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", None),
        ("word", None),
        ("status:", 0),
        ("alpha status:exp", 6),
        ("status:active,dis", 0),
        ("status:nope", None),
        ("ext:zap", 0),
        ("ext:nothing", None),
        ("expires:<3", 0),
        ("created:2026-1", 0),
        ("expires:soon", None),
        ('alpha "bet', 6),
        ('a "b \\" c', 2),
        ("alpha -", 6),
        ("status:exp ", None),
    ],
)
def test_a_term_that_may_yet_become_right(text: str, start: int | None) -> None:
    """What is typed at its end; not what no value begins with."""
    assert unfinished_term(text, len(text), WORDS) == start
