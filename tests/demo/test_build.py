"""Sample databases: as large as is asked for, whole, and with keys that work."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import func, select, text

from tokentui import audit, demo
from tokentui.context import Context
from tokentui.demo import samples
from tokentui.errors import UsageError
from tokentui.gate import Gate
from tokentui.models import Secret, Token
from tokentui.operations.check import check
from tokentui.tokens import reads
from tokentui.tokens.secrets import reveal_keys
from tokentui.ui.audit_words import change_lines
from tokentui.ui.wording import minute_text


def test_a_large_sample_is_whole_and_its_keys_open_the_gate(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_MOST_REMEMBERED", 100)  # as where there are too many to know them all
    with context.database.read() as session:
        schema = session.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")).all()
    demo.build(context, tokens=2_500, days=3)
    with context.database.read() as session:
        assert session.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")).all() == schema
        assert session.scalar(select(func.count()).select_from(Token)) == 2_500
        made = session.scalars(select(Token.id).where(Token.deleted_at.is_(None)).limit(20)).all()
        rotated = session.scalars(select(Secret.token_id).group_by(Secret.token_id).having(func.count() > 1)).all()
    assert [finding for finding in check(context) if not finding.ok] == []
    gate = Gate.from_context(context)
    try:
        for token_id in (*made, *rotated):
            newest, *older = reveal_keys(context, token_id)
            decision = gate.verify(f"ApiKey {newest.key.text}", method="GET", path="/")
            assert decision.reason in ("module", "disabled", "expired"), "the key itself is right"
            assert all(other.secret.stops_at for other in older)
            assert newest.secret.stops_at is None
    finally:
        gate.close()
    with pytest.raises(UsageError, match="holds tokens"):
        demo.build(context)


def test_the_samples_of_a_seed_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(count: int) -> list[samples.Sample]:
        return list(samples.samples(count, Random(5), ("usage", "products", *(f"module-{n}" for n in range(9)))))

    assert drawn(60) == drawn(60)
    assert drawn(60)[:40] == drawn(40)
    monkeypatch.setattr(samples, "_MOST_REMEMBERED", 50)
    many = [sample.id for sample in drawn(3_000)]
    assert len(set(many)) == 3_000
    made = many[len(samples.CURATED) :]
    assert made == sorted(made)


def test_a_sample_of_an_overlap_says_until_when_the_old_key_works(sample: Context) -> None:
    """In its history, as a rotation by a person does."""
    (rotation,) = (entry for entry in audit.entries(sample, limit=None) if entry.action == "rotate")
    assert rotation.token_id is not None
    _, old = reads.list_secrets(sample, rotation.token_id)
    assert old.stops_at is not None
    assert change_lines(rotation, sample.zone) == (f"old key works until {minute_text(old.stops_at, sample.zone)}",)
