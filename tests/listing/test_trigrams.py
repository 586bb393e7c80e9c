"""On PostgreSQL a word is found by trigrams, where its extension can be had."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from tests.factories import make_token
from tokentui.context import Context
from tokentui.listing import order, pages
from tokentui.listing.spec import ListSpec
from tokentui.models import Token


def test_each_text_of_a_word_has_an_index_that_serves_it(context: Context, on_server: bool) -> None:
    """The planner takes it where a search through all is forbidden: the expressions are those of the indexes."""
    if not on_server:
        pytest.skip("a file has a search index of its own")
    made = make_token(context, "Billing export 4711", external_id="crm-7", description="the runbook").token
    spec = ListSpec("runbook")
    (condition,) = order.query_filters(spec, order.query_time(context))
    statement = select(Token.id).where(condition)
    with context.database.read() as session:
        if not session.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")):
            pytest.skip("this server has no pg_trgm")
        compiled = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_indexscan = off"))
        plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%")).scalars())
    for name in ("name", "external_id", "description"):
        assert f"ix_tokens_{name}_trigrams" in plan, plan
    assert [token.id for token in pages.page(context, spec)] == [made.id]
