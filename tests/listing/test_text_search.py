"""Words by the search index and without it: the same tokens, whatever the texts, the words and the changes are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from tests.factories import START, make_token
from tests.listing.query_plans import plan_of, statements_of
from tokentui.context import Context
from tokentui.errors import QueryError
from tokentui.listing import candidates, counts, pages, text_search
from tokentui.listing.filter_language import parse, quoted
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.models import Token, derived

pytestmark = pytest.mark.sqlite  # what PostgreSQL does by its own indexes

PARTS = st.sampled_from(
    ["Billing", "export", "müller", "MÜLLER", "E\u0301tude", "é", "ß", "SS", "請求書", "100%", "a_b", "a/b", "x", "631",
     "SU-", "İ", "ı", "ſ", "K", "\"", "'", "\\", "\n", " ", "-", "ａｂｃ", "😀😀😀", "de"]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
                 max_size=4).map(lambda parts: "".join(parts)[:100])  # fmt: skip


def row(token_id: int, name: str, external_id: str | None = None, description: str = "") -> dict[str, object]:
    return {
        "id": token_id, "name": name, "external_id": external_id, "description": description,
        "extension_slug": "custom", "created_at": START, "created_by": "alice", "updated_at": START,
        "updated_by": "alice", "expires_at": None,
    }  # fmt: skip


def results(context: Context, query: str, *, indexed: bool) -> tuple[object, ...] | None:
    """What a page, a count and the IDs give, by the index or not; None where the filter is refused."""
    with pytest.MonkeyPatch.context() as patch:
        if not indexed:
            patch.setattr(text_search, "match_of", lambda terms: None)
        try:
            spec = ListSpec(query)
            ids = tuple(sorted(counts.matching_ids(context, spec)))
            tokens = pages.page(context, spec, limit=500)
            places = [counts.rank(context, spec, cursor_of(token, spec)) for token in tokens]
            assert places == [*range(len(tokens))]
            cursors = [counts.seek(context, spec, place + 1) for place in places]
            assert cursors == [cursor_of(token, spec) for token in tokens]
            return ids, counts.count(context, spec), tuple(token.id for token in tokens)
        except QueryError:
            return None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS, TEXTS), min_size=1, max_size=6), TEXTS, TEXTS, st.data())
def test_the_index_finds_what_a_search_through_all_finds(
    context: Context, texts: list[tuple[str, str | None, str]], word: str, other: str, data: st.DataObject
) -> None:
    with context.database.write() as session:
        session.execute(delete(Token))
        ids = data.draw(st.lists(st.integers(0, 999_999_999), min_size=len(texts), max_size=len(texts), unique=True))
        session.execute(insert(Token), [row(number, *one) for number, one in zip(ids, texts, strict=True)])
        changed = data.draw(st.sampled_from(ids))
        session.execute(update(Token).where(Token.id == changed).values(name=other, description=word))
        if len(ids) > 2:
            session.execute(delete(Token).where(Token.id == data.draw(st.sampled_from(ids))))
        session.commit()
    one = data.draw(st.sampled_from([word, other, *(text[2:8] for text, _, _ in texts), f"{ids[0]:09d}"[2:7]]))
    for query in (quoted(one), f"name:{quoted(one)}", f"external:{quoted(word)},abc", f"-{quoted(one)} {quoted(other)}",
                  f"id:{ids[0]:09d}", f"{one.upper()} {word.lower()}"):  # fmt: skip
        assert results(context, query, indexed=True) == results(context, query, indexed=False), query


def test_a_word_is_looked_up_and_its_tokens_alone_are_read(context: Context) -> None:
    with context.database.write() as session:
        rows = [row(number + 900_000_100, f"Invoice {number}") for number in range(50)]
        session.execute(insert(Token), [*rows, row(5, "Tutorial Token", description="the runbook")])
        session.commit()
        for query in ("tutorial", "name:tutor", "runbook", "000000005", "id:005", "tutorial status:active -invoice"):
            statement = select(Token.id).where(*candidates.words(session, query))
            compiled = statement.compile(session.get_bind())
            values = tuple(compiled.params[name] for name in compiled.positiontup or ())
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
            assert plan[0][3].startswith("SEARCH tokens USING INTEGER PRIMARY KEY"), plan
            assert session.scalars(statement).all() == [5]
            assert [token.id for token in pages.page(context, ListSpec(query))] == [5]


@pytest.mark.parametrize("query", ["tutorial", "rotated:<1d", "owner:finance"])
@pytest.mark.parametrize("field", [SortField.URGENCY, SortField.NAME, SortField.REQUESTS])
def test_a_place_in_a_list_of_few_is_counted_among_these(context: Context, query: str, field: SortField) -> None:
    """Not among all tokens, as it was: a third of a second for a million, each time that the list was read again."""
    make_token(context, "Tutorial Token", owner="finance")
    spec = ListSpec(query, sort=Sort(field))
    (token,) = pages.page(context, spec)
    with statements_of(context) as statements:
        counts.rank(context, spec, cursor_of(token, spec))
        counts.count(context, spec)
    counted = [one for one in statements if "count(*)" in one[0] and "FROM tokens" in one[0]][-2:]
    steps = [step for one in counted for step in plan_of(context, one) if "tokens" in step.split()]
    assert len(steps) >= 2
    assert all(step.startswith("SEARCH tokens ") for step in steps), steps


@pytest.mark.parametrize("query", ["ab", "su-", "-tutorial", "status:active", "name:abc,de", "owner:finance", ""])
def test_what_the_index_cannot_tell_is_left_to_a_search(context: Context, query: str) -> None:
    with context.database.read() as session:
        assert candidates.words(session, query) == []


def test_terms_in_the_language_of_the_index() -> None:
    assert text_search.match_of(parse("abcd ef")) == '(("abc" AND "bcd"))'
    assert text_search.match_of(parse('id:631-646 "a\\"b" -x')) == '(digits : "631646") AND (("a""b"))'
    assert text_search.match_of(parse("name:abcd,SU-631")) == '(name : ("abc" AND "bcd") OR name : "SU-631")'
    assert text_search.match_of(parse("external:crm-70 SU-631")) == (
        '(external_id : ("crm" AND "-70")) AND ("SU-631" OR digits : "631")'
    )
    assert text_search.match_of(parse("runbook abc")) == '(("run" AND "boo" AND "ook")) AND (("abc"))'
    longest = text_search.match_of(parse("".join(map(chr, range(0x4E00, 0x4E00 + 300)))))
    assert longest is not None
    assert longest.count("AND") < 50
    longest_number = text_search.match_of(parse("y" + "".join(map(str, range(300)))))
    assert longest_number is not None
    assert len(longest_number) < 100


def test_a_number_names_the_tokens_that_have_its_digits_in_their_order(context: Context) -> None:
    with context.database.write() as session:
        rows = [row(900_099_912, "Bridge 123"), row(1, "Bridge 99123"), row(2, "Bridge 912399"), row(3, "other", "991")]
        session.execute(insert(Token), rows)
        session.commit()

        def named(query: str) -> list[int]:
            return sorted(session.scalars(select(Token.id).where(*candidates.words(session, query))))

        assert named("99123") == named("name:99123") == [1]
        assert named("9912") == [1, 900_099_912]
        assert named("name:991") == [1]
        assert named("external:991") == [3]
        assert named("id:999") == [900_099_912]


def test_without_the_index_words_are_still_found(context: Context) -> None:
    """As where SQLite was built without FTS5."""
    with context.database.write() as session:
        session.execute(insert(Token), [row(1, "Tutorial Token"), row(2, "Other")])
        for name in ("insert", "delete", "update"):
            session.execute(text(f"DROP TRIGGER token_search_{name}"))
        session.execute(text("DROP TABLE token_search"))
        session.commit()
    assert [token.id for token in pages.page(context, ListSpec("tutorial"))] == [1]
    with context.database.write() as session:
        derived.create(session.connection())
        derived.fill(session.connection())
        session.commit()
    with context.database.read() as session:
        assert candidates.words(session, "tutorial") != []
    assert results(context, "tutorial", indexed=True) == results(context, "tutorial", indexed=False)
