"""Counts as a gate would have written them."""

from __future__ import annotations

from datetime import datetime

from tokentui.context import Context
from tokentui.models import slot_of
from tokentui.usage.counts import ADD
from tokentui.usage.series import ClassCounts


def record(context: Context, token_id: int, *rows: tuple[datetime, ClassCounts]) -> None:
    """Adds the counts to a token's slots at these moments."""
    values = [
        {"token": token_id, "slot": slot_of(moment), **{f"c{index}": count for index, count in enumerate(counts)}}
        for moment, counts in rows
    ]
    with context.database.write() as session:
        session.execute(ADD, values)
        session.commit()
