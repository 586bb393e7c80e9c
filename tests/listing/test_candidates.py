"""Few tokens by an index: all that a filter means are among them, and the page is the one without any index."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.factories import START
from tests.listing.query_plans import plan_of, statements_of
from tokentui.context import Context
from tokentui.listing import candidates, counts, order, pages
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.models import EPOCH, SLOTS_A_DAY, Secret, Token, slot_of
from tokentui.usage.counts import ADD

pytestmark = pytest.mark.sqlite  # what PostgreSQL does by its own indexes

QUERIES = (
    "ext:zapier,reports", "ext:EXT-000", "created:<7d", "created:>30d", "created:2026-11-20", "expires:<7d",
    "expires:never", "expires:>2026-12-01", "unused:>7d", "unused:<1d", "rotated:<7d", "rotated:>30d", "overlap:yes",
    "network:limited", "owner:fin", "owner:FINANCE,é", "owner:z", "owner:@", "by:AL", "by:bob,alice@", "by:\uffff",
    "requests:>9", "requests:<3", "errors:1", "-requests:>5",
    "created:<7d owner:fin -by:bob", "status:expired created:>1d", "status:active,deleted",
)  # fmt: skip
NEEDS_INDEX = {
    "created:<7d": "ix_tokens_created", "expires:<7d": "ix_tokens_expires", "owner:fin": "ix_tokens_owner",
    "by:bob": "ix_tokens_created_by", "rotated:<7d": "ix_secrets_created", "overlap:yes": "ix_secrets_stopping",
    "network:limited": "ix_tokens_limited", "unused:<1d": "ix_tokens_last_used", "ext:zapier": "ix_tokens_extension",
}  # fmt: skip


@pytest.fixture
def filled(context: Context) -> Context:
    chance = random.Random(3)

    def moment(*others: Any) -> Any:
        return chance.choice([*others, *(START + timedelta(days=days) for days in (-60, -20, -3, -0.5, 3, 30))])

    tokens = [
        {
            "id": number, "name": "x", "extension_slug": chance.choice(("custom", "zapier", "reports", "flowgear")),
            "created_at": min(START, moment()), "created_by": chance.choice(("alice@10.0.0.5", "Bob", "al%", "@x")),
            "updated_at": START, "updated_by": chance.choice(("bob", "ALICE", "\uffffz")), "expires_at": moment(None),
            "disabled_at": chance.choice((None, None, START)), "deleted_at": chance.choice((None, None, START)),
            "last_used_at": min(START, moment(EPOCH, EPOCH)), "networks": chance.choice(("", "10.0.0.0/8")),
            "owner": chance.choice(("", "Finance", "fin", "FINE", "Élan", "zebra", "Z", "@home", "Ärger")),
        }
        for number in range(300)
    ]  # fmt: skip
    secrets = [
        {"token_id": chance.randrange(300), "digest": bytes([number % 256, number // 256]), "created_at": moment(),
         "stops_at": moment(None), "created_by": "a"}
        for number in range(400)
    ]  # fmt: skip
    uses = [
        {"token": chance.randrange(200), "slot": slot_of(START) - chance.randrange(50) * SLOTS_A_DAY,
         "c0": 3, "c1": 0, "c2": number % 3, "c3": 0}
        for number in range(400)
    ]  # fmt: skip
    with context.database.write() as session:
        session.execute(insert(Token), tokens)
        session.execute(insert(Secret), secrets)
        session.execute(ADD, uses)
        session.commit()
    return context


@pytest.mark.parametrize("sort", [Sort(SortField.URGENCY), Sort(SortField.NAME, descending=True)])
def test_a_page_by_candidates_is_the_page_without_them(
    filled: Context, monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    for query in QUERIES:
        spec = ListSpec(query, sort=sort)
        with_index = pages.page(filled, spec, limit=40)
        with monkeypatch.context() as patch:
            patch.setattr(candidates, "few", lambda *_, **__: None)
            patch.setattr(order, "with_statuses_of_query", lambda spec: spec)
            assert pages.page(filled, spec, limit=40) == with_index, query
        assert counts.count(filled, spec) == len(pages.page(filled, spec, limit=1000)), query


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("query", ["created:>1d", "expires:<40d", "status:expired,disabled created:>1d", "rotated:<7d"])
def test_pages_by_candidates_follow_one_another(
    filled: Context, monkeypatch: pytest.MonkeyPatch, query: str, *, descending: bool
) -> None:
    """Onwards and back, whether the statuses of a range are read one by one or all are sorted together."""
    spec = ListSpec(query, sort=Sort(SortField.URGENCY, descending=descending))
    with monkeypatch.context() as patch:
        patch.setattr(candidates, "few", lambda *_, **__: None)
        whole = pages.page(filled, spec, limit=1000)
    assert len(whole) > 20
    assert tuple(pages.stream(filled, spec)) == whole
    for end in range(7, len(whole) + 1, 7):
        start = cursor_of(whole[end - 7], spec)
        assert pages.page(filled, spec, after=start, limit=6) == whole[end - 6 : end]
        assert pages.page(filled, spec, before=start, limit=6) == whole[max(0, end - 13) : end - 7]
    assert pages.page(filled, spec, from_end=True, limit=9) == whole[-9:]


def test_what_an_index_has_told_is_not_compared_again(filled: Context) -> None:
    """A token's newest secret is new where any of its secrets is, but old only where all are."""
    met = {"rotated:<7d": True, "rotated:>2026-11-01": True, "rotated:>7d": False, "ext:zapier": True, "by:bob": False}
    with filled.database.read() as session:
        for query, is_met in met.items():
            few = candidates.few(session, query, order.query_time(filled), by_status=True)
            assert few is not None
            assert bool(few.met) == is_met, query


def test_each_is_read_by_its_index(filled: Context) -> None:
    """So that it costs nothing where a term names many: the reading ends at `FEW`."""
    for query, index in NEEDS_INDEX.items():
        with statements_of(filled) as statements, filled.database.read() as session:
            assert candidates.few(session, query, order.query_time(filled), by_status=False) is not None
        steps = plan_of(filled, statements[-1])
        whole = "SCAN" if index == "ix_tokens_limited" else "SEARCH"  # it holds the limited alone
        assert any(step.startswith(whole) and index in step for step in steps), (query, steps)
        assert not any("TEMP B-TREE" in step for step in steps), steps


def test_what_names_many_is_no_candidate(filled: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "FEW", 10)
    with filled.database.read() as session:
        at = order.query_time(filled)
        assert candidates.few(session, "created:>1d", at, by_status=False) is None
        assert candidates.few(session, "-created:>1d", at, by_status=False) is None
        assert candidates.few(session, "created:>1d by:nobody", at, by_status=False) is not None


def test_what_a_range_finds_is_sorted_without_a_look_at_the_tokens(filled: Context) -> None:
    """Its index holds what the order by urgency is made of, so that more may be found than elsewhere."""
    for query, index in (("created:<7d", "created"), ("expires:<7d status:active", "expires")):
        with statements_of(filled) as statements:
            pages.page(filled, ListSpec(query))
        plan = plan_of(filled, next(one for one in statements if one[0].startswith("SELECT tokens.id \nFROM tokens")))
        assert plan[0].startswith(f"SEARCH tokens USING COVERING INDEX ix_tokens_{index} "), plan
