"""Responses added up by token, slot and class, before they are written."""

from __future__ import annotations

import pytest

from tokentui.usage import counts


@pytest.mark.parametrize(
    ("status", "column"), [(101, "c0"), (200, "c0"), (304, "c1"), (404, "c2"), (500, "c3"), (599, "c3"), (999, "c3")]
)
def test_a_status_counts_in_its_class(status: int, column: str) -> None:
    """An accepted WebSocket (101) as success; what is beyond 5xx as a server's error."""
    added: counts.SlotCounts = {}
    counts.add(added, 7, 3, status, 2)
    (row,) = counts.rows(added)
    assert row == {"token": 7, "slot": 3, "c0": 0, "c1": 0, "c2": 0, "c3": 0, column: 2}


def test_rows_come_in_the_order_of_their_keys() -> None:
    """Two processes that lock them in another order would wait for one another."""
    added: counts.SlotCounts = {}
    for token, slot in ((9, 1), (2, 8), (2, 3), (9, 1)):
        counts.add(added, token, slot, 200)
    assert [(row["token"], row["slot"], row["c0"]) for row in counts.rows(added)] == [(2, 3, 1), (2, 8, 1), (9, 1, 2)]
