"""Pages by key: whole, in order, in both directions, and served by an index."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from tests.factories import START, FrozenClock, make_token
from tests.listing.query_plans import plan_of, statements_of
from tokentui.context import Context
from tokentui.errors import QueryError
from tokentui.listing import candidates, counts, pages
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.models import EPOCH, LATEST, Token, Usage, slot_of
from tokentui.records import Action, Status, TokenRecord
from tokentui.tokens import bulk
from tokentui.usage import reports

SORTS = [Sort(field, descending) for field in SortField for descending in (False, True)]
NAMES = ("billing", "Billing", "BILLING", "Zapier", "zapier 2", "Ärger", "ärger", "a", "請求書", "_")
TOKENS = 90
ALL = ListSpec(include_deleted=True)


def fill(context: Context, number: int = TOKENS, seed: int = 7) -> None:
    """Tokens of every status, with many ties in every column."""
    chance = random.Random(seed)

    def moment(*others: Any) -> Any:
        return chance.choice([*others, *(START + timedelta(days=days) for days in (-40, -2, 3, 30))])

    rows = [
        {
            "id": token_id,
            "name": chance.choice(NAMES),
            "description": chance.choice(("", "crm")),
            "extension_slug": chance.choice(("custom", "zapier", "reports", "flowgear")),
            "all_modules": True,
            "networks": "",
            "created_at": moment(),
            "created_by": "alice",
            "updated_at": START,
            "updated_by": "alice",
            "expires_at": moment(LATEST, LATEST),
            "disabled_at": chance.choice((None, None, None, None, START, START - timedelta(days=1))),
            "deleted_at": chance.choice((None, None, None, None, START, START - timedelta(days=1))),
            "last_used_at": moment(EPOCH, EPOCH),
            "owner": chance.choice(("", "", "Finance", "finance", "Portal team")),
        }
        for token_id in chance.sample(range(1_000_000_000), number)
    ]
    slot = slot_of(START)
    usage = [
        {"token_id": row["id"], "slot": slot - back, "success": number, "server_error": 1}
        for row in rows
        for back, number in chance.choice(((), (), ((0, 4),), ((3, 2), (99, 1)), ((5, 9), (96 * 31, 50))))
    ]
    with context.database.write() as session:
        if usage:
            session.execute(insert(Usage), usage)
        session.execute(insert(Token), rows)
        session.commit()


def by_status(token: TokenRecord, field: SortField) -> tuple[int, float, int]:
    """The key of the two orders by status: in each status the soonest expiry first, or the latest end first."""
    statuses = [Status.EXPIRING, Status.ACTIVE, Status.DISABLED, Status.EXPIRED, Status.DELETED]
    rank = (statuses if field is SortField.URGENCY else list(Status)).index(token.status)
    if token.status in (Status.ACTIVE, Status.EXPIRING):
        return rank, (token.expires_at or LATEST).timestamp(), token.id
    ended = {Status.EXPIRED: token.expires_at, Status.DISABLED: token.disabled_at, Status.DELETED: token.deleted_at}
    moment = ended[token.status]
    assert moment is not None
    return rank, -moment.timestamp(), -token.id


def in_order(context: Context, tokens: Sequence[TokenRecord], sort: Sort) -> list[int]:
    """What the order should be, by Python alone."""
    requests = reports.totals(context, [token.id for token in tokens])
    if sort.field in (SortField.URGENCY, SortField.STATUS):
        return [token.id for token in sorted(tokens, key=lambda t: by_status(t, sort.field), reverse=sort.descending)]
    values: dict[SortField, Callable[[TokenRecord], Any]] = {
        # The database folds the case of ASCII letters, and compares the rest as bytes.
        SortField.NAME: lambda token: "".join(c.lower() if c.isascii() else c for c in token.name).encode(),
        SortField.ID: lambda token: 0,
        SortField.EXTENSION: lambda token: token.extension_slug,
        SortField.CREATED: lambda token: token.created_at,
        SortField.EXPIRES: lambda token: token.expires_at or LATEST,
        SortField.LAST_USED: lambda token: token.last_use_ahead or token.last_used_at or EPOCH,
        SortField.REQUESTS: lambda token: requests[token.id],
        SortField.OWNER: lambda token: token.owner.lower(),
    }
    value = values[sort.field]
    return [token.id for token in sorted(tokens, key=lambda t: (value(t), t.id), reverse=sort.descending)]


def forwards(context: Context, spec: ListSpec, limit: int) -> Iterator[int]:
    after = None
    while tokens := pages.page(context, spec, after=after, limit=limit):
        yield from (token.id for token in tokens)
        after = cursor_of(tokens[-1], spec)


def backwards(context: Context, spec: ListSpec, limit: int) -> list[int]:
    tokens = pages.page(context, spec, from_end=True, limit=limit)
    ids: list[int] = []
    while tokens:
        ids = [token.id for token in tokens] + ids
        tokens = pages.page(context, spec, before=cursor_of(tokens[0], spec), limit=limit)
    return ids


def name_of(sort: Sort) -> str:
    return f"{'-' if sort.descending else ''}{sort.field}"


@pytest.mark.parametrize("sort", SORTS, ids=name_of)
def test_every_walk_gives_every_row_once_in_order(context: Context, sort: Sort) -> None:
    fill(context)
    spec = replace(ALL, sort=sort)
    expected = in_order(context, list(pages.page(context, ALL, limit=1000)), sort)
    assert len(expected) == TOKENS
    for limit in (2, 7, TOKENS, 128):
        assert list(forwards(context, spec, limit)) == expected
        assert backwards(context, spec, limit) == expected
    assert [token.id for token in pages.stream(context, spec)] == expected


FILTERS: tuple[tuple[str, tuple[Status, ...]], ...] = (
    ("", ()),
    ("crm", ()),
    ("-crm ext:zapier", ()),
    ("", (Status.ACTIVE,)),
    ("crm expires:>1d", (Status.EXPIRING,)),
    ("", (Status.DELETED, Status.DISABLED)),
    ("crm", (Status.ACTIVE, Status.EXPIRED)),
)


@pytest.mark.parametrize("sort", SORTS, ids=name_of)
def test_a_filtered_walk_is_the_whole_one_filtered(
    context: Context, monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    fill(context)
    whole = in_order(context, list(pages.page(context, ALL, limit=1000)), sort)
    # Half of them upwards, the other half downwards.
    for query, statuses in FILTERS[SORTS.index(sort) % 2 :: 2]:
        spec = ListSpec(query, statuses, sort)
        wanted = set(counts.matching_ids(context, spec))
        expected = [token_id for token_id in whole if token_id in wanted]
        assert 0 < len(expected) < TOKENS
        for walk, limit in ((0, 31), (11, 9), (pages.SCAN_LIMIT, 31)):
            with monkeypatch.context() as patch:
                patch.setattr(pages, "SCAN_LIMIT", walk)
                assert list(forwards(context, spec, limit)) == backwards(context, spec, limit) == expected, (spec, walk)
                assert counts.count(context, spec) == len(expected)


@pytest.mark.parametrize("sort", SORTS, ids=name_of)
def test_a_walk_goes_on_where_rows_came_and_went(context: Context, sort: Sort) -> None:
    fill(context)
    spec = replace(ALL, sort=sort)
    first = pages.page(context, spec, limit=30)
    rest = in_order(context, list(pages.page(context, ALL, limit=1000)), sort)[30:]
    with context.database.write() as session:  # the row at the cursor goes, and so does one ahead of it
        for gone in (first[-1].id, rest[0]):
            session.delete(session.get_one(Token, gone))
        session.commit()
    tokens = pages.page(context, spec, after=cursor_of(first[-1], spec), limit=1000)
    assert [token.id for token in tokens] == rest[1:]
    fill(context, 20, seed=8)
    more = {token.id for token in pages.page(context, spec, after=cursor_of(first[-1], spec), limit=1000)}
    assert more >= set(rest[1:])
    assert not more & {token.id for token in first}


def test_statuses_follow_the_clock(context: Context, clock: FrozenClock) -> None:
    fill(context)
    before = counts.count(context, ListSpec(statuses=(Status.EXPIRED,)))
    clock.move(days=5)  # past the expiry of those that were expiring
    expired = list(pages.stream(context, ListSpec(statuses=(Status.EXPIRED,))))
    assert len(expired) > before
    assert all(token.status is Status.EXPIRED for token in expired)


def test_a_row_that_changes_keeps_its_neighbours(context: Context) -> None:
    fill(context)
    spec = ListSpec(sort=Sort(SortField.NAME))
    rows = pages.page(context, spec, limit=1000)
    with context.database.write() as session:
        session.execute(update(Token).where(Token.id == rows[20].id).values(name="zzz"))
        session.commit()
    after = pages.page(context, spec, after=cursor_of(rows[20], spec), limit=5)
    assert after == rows[21:26]
    assert pages.page(context, spec, from_end=True, limit=1000)[:20] == rows[:20]


def test_an_empty_list(context: Context) -> None:
    for sort in SORTS:
        assert pages.page(context, ListSpec(sort=sort)) == ()
        assert pages.page(context, ListSpec(sort=sort), from_end=True) == ()
    assert counts.count(context, ListSpec()) == 0
    assert counts.matching_ids(context, ListSpec()) == ()
    assert list(pages.stream(context, ListSpec(), limit=5)) == []


@pytest.mark.parametrize("limit", [0, 1, 5, 128, 129, 1000])
def test_a_stream_ends_at_its_limit(context: Context, limit: int) -> None:
    fill(context, 140)
    assert len(list(pages.stream(context, ALL, limit=limit))) == min(limit, 140)


def test_a_query_that_cannot_be_read_is_refused(context: Context) -> None:
    for call in (pages.page, counts.count, counts.matching_ids):
        with pytest.raises(QueryError):
            call(context, ListSpec("colour:red"))


@pytest.fixture
def plans(context: Context) -> Callable[..., list[str]]:
    """Runs a call and gives how SQLite found the rows of its last statement, the inner reads of each row left out."""

    def run(call: Callable[..., Any], *args: Any, **kwargs: Any) -> list[str]:
        with statements_of(context) as statements:
            call(context, *args, **kwargs)
        by_ids = "WHERE tokens.id IN (?"  # which only reads the rest of what was chosen
        return plan_of(context, [one for one in statements if by_ids not in one[0]][-1])

    return run


INDEXED = [sort for sort in SORTS if sort.field not in (SortField.URGENCY, SortField.STATUS, SortField.REQUESTS)]
BY_STATUS = [sort for sort in SORTS if sort.field in (SortField.URGENCY, SortField.STATUS)]


@pytest.mark.sqlite
@pytest.mark.parametrize("sort", INDEXED, ids=name_of)
def test_a_page_is_read_in_the_order_of_an_index(context: Context, plans: Callable[..., list[str]], sort: Sort) -> None:
    fill(context)
    spec = ListSpec(sort=sort)
    cursor = cursor_of(pages.page(context, spec, limit=1)[0], spec)
    index = "" if sort.field is SortField.ID else f"INDEX ix_tokens_{sort.field.replace('-', '_')}"
    for options, how in (
        ({}, "SCAN"),
        ({"from_end": True}, "SCAN"),
        ({"after": cursor}, "SEARCH"),
        ({"before": cursor}, "SEARCH"),
    ):
        plan = plans(pages.page, spec, **options)
        assert not [step for step in plan if "TEMP B-TREE" in step], plan
        assert plan[0].startswith(f"{how} tokens"), plan
        assert index in plan[0], plan


@pytest.mark.sqlite
@pytest.mark.parametrize("sort", INDEXED, ids=name_of)
@pytest.mark.parametrize(
    "spec", [ListSpec(statuses=(Status.ACTIVE,)), ListSpec("crm"), ListSpec("ext:custom unused:>1d")]
)
def test_a_filter_of_many_does_not_take_a_page_off_its_index(
    context: Context, monkeypatch: pytest.MonkeyPatch, plans: Callable[..., list[str]], sort: Sort, spec: ListSpec
) -> None:
    monkeypatch.setattr(candidates, "FEW", 0)
    fill(context)
    plan = plans(pages.page, replace(spec, sort=sort), limit=5)
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    assert sort.field is SortField.ID or f"INDEX ix_tokens_{sort.field.replace('-', '_')}" in plan[0], plan


@pytest.mark.sqlite
@pytest.mark.parametrize("sort", INDEXED, ids=name_of)
def test_what_is_rare_is_searched_without_the_index_of_the_order(
    context: Context, monkeypatch: pytest.MonkeyPatch, plans: Callable[..., list[str]], sort: Sort
) -> None:
    fill(context)
    monkeypatch.setattr(pages, "SCAN_LIMIT", 0)
    plan = plans(pages.page, ListSpec("-crm id:99", sort=sort))
    assert plan[0] == "SCAN tokens", plan
    plan = plans(pages.page, ListSpec(statuses=(Status.EXPIRED,), sort=sort))
    assert plan[0].startswith("SEARCH tokens"), plan
    assert "INDEX ix_tokens_state (" in plan[0], plan


@pytest.mark.sqlite
@pytest.mark.parametrize("sort", BY_STATUS, ids=name_of)
def test_each_status_is_read_in_the_order_of_an_index(
    context: Context, plans: Callable[..., list[str]], sort: Sort
) -> None:
    """From its beginning and from a row on, in both directions: nothing is sorted, and nothing else is read."""
    fill(context)
    for status in Status:
        spec = ListSpec(statuses=(status,), sort=sort)
        state = status if status in (Status.DISABLED, Status.DELETED) else "state"
        cursor = cursor_of(pages.page(context, spec, limit=1)[0], spec)
        for options in ({"from_end": False}, {"after": cursor}, {"from_end": True}, {"before": cursor}):
            plan = plans(pages.page, spec, **options)
            assert not [step for step in plan if "TEMP B-TREE" in step], plan
            assert f"tokens USING INDEX ix_tokens_{state}" in plan[0], plan


def test_deleted_tokens_are_listed_where_they_are_asked_for(context: Context) -> None:
    """By a status, by all, by the filter or by their whole key; else not, nor counted, nor marked."""
    issued = make_token(context, "Gone")
    make_token(context, "Here")
    bulk.apply(context, Action.DELETE, [issued.token.id])

    def names(spec: ListSpec) -> list[str]:
        for sort in SORTS:
            rows = pages.page(context, replace(spec, sort=sort))
            assert counts.count(context, spec) == len(counts.matching_ids(context, spec)) == len(rows)
        return sorted(token.name for token in rows)

    assert names(ListSpec()) == names(ListSpec("ere")) == names(ListSpec("-status:deleted")) == ["Here"]
    assert names(ListSpec("gone")) == []
    assert names(ALL) == ["Gone", "Here"]
    assert names(ListSpec("gone", include_deleted=True)) == ["Gone"]
    assert names(ListSpec("status:Deleted")) == names(ListSpec(statuses=(Status.DELETED,))) == ["Gone"]
    assert names(ListSpec(statuses=(Status.DELETED, Status.ACTIVE))) == ["Gone", "Here"]
    assert issued.key is not None
    assert names(ListSpec(issued.key.text)) == ["Gone"]
    assert counts.matching_ids_among(context, ListSpec(), [issued.token.id]) == set()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_pages_of_any_order_are_the_sorted_list(context: Context, data: st.DataObject) -> None:
    """Random tokens, order, direction, page length and statuses."""
    with context.database.write() as session:
        session.execute(delete(Token))
        session.execute(delete(Usage))
        session.commit()
    fill(context, data.draw(st.integers(1, 40)), seed=data.draw(st.integers(0, 10_000)))
    spec = ListSpec(
        sort=data.draw(st.sampled_from(SORTS)),
        statuses=tuple(data.draw(st.lists(st.sampled_from(Status), unique=True))),
        include_deleted=data.draw(st.booleans()),
    )
    shown = [
        token
        for token in pages.page(context, ALL, limit=1000)
        if (token.status in spec.statuses if spec.statuses else spec.include_deleted or not token.deleted_at)
    ]
    limit = data.draw(st.integers(1, 12))
    assert (
        list(forwards(context, spec, limit)) == backwards(context, spec, limit) == in_order(context, shown, spec.sort)
    )
