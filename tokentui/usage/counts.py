"""The statements that add responses to the counts and record last uses, for the recorder and the access log alike."""

from __future__ import annotations

from sqlalchemy import text

from tokentui.models import SLOT

SLOT_MICROS = int(SLOT.total_seconds()) * 1_000_000
AHEAD_MICROS = 300_000_000
"""Five minutes in microseconds: as far the clocks of two machines may differ; a time further ahead is a mistake."""

_INTO = "INSERT INTO usage (token_id, slot, success, redirection, client_error, server_error) "
_ADDING = (
    " ON CONFLICT (token_id, slot) DO UPDATE SET "
    "success = usage.success + excluded.success, redirection = usage.redirection + excluded.redirection, "
    "client_error = usage.client_error + excluded.client_error, "
    "server_error = usage.server_error + excluded.server_error"
)
ADD = text(_INTO + "VALUES (:token, :slot, :c0, :c1, :c2, :c3)" + _ADDING)
"""Adds counts to a token's slots; `rows` makes its parameters."""

_SUMS = (
    "SELECT token_id, :into, SUM(success), SUM(redirection), SUM(client_error), SUM(server_error) FROM usage "
    "WHERE slot >= :first AND slot < :end AND slot <> :into GROUP BY token_id"
)
ADD_SUMS = text(_INTO + _SUMS + _ADDING)
"""Adds the counts of the slots from `first` until before `end` to those of the slot `into`, which is among them."""

MOVE_SUMS = text(
    "WITH moved AS (DELETE FROM usage WHERE slot >= :first AND slot < :end AND slot <> :into RETURNING *) "  # noqa: S608
    + _INTO
    + "SELECT token_id, :into, SUM(success), SUM(redirection), SUM(client_error), SUM(server_error) FROM moved "
    "GROUP BY token_id" + _ADDING
)
"""The same, and the slots are gone: in one statement of PostgreSQL, which adds exactly what it deletes."""

# Bare updates: what was read for a check is never written back. Another process may have seen a later use; one that
# lies ahead of now by more than `AHEAD_MICROS` was written by a clock that was wrong.
TOKEN_USED = text(
    "UPDATE tokens SET last_used_at = :at, last_used_from = :origin "
    "WHERE id = :token AND (last_used_at < :at OR last_used_at > :ahead)"
)
SECRET_USED = text(
    "UPDATE secrets SET last_used_at = :at WHERE id = :secret AND (last_used_at < :at OR last_used_at > :ahead)"
)

SlotCounts = dict[tuple[int, int], list[int]]
"""By (token ID, slot): how many responses were 2xx, 3xx, 4xx and 5xx, in this order."""


def add(counts: SlotCounts, token: int, slot: int, status: int, number: int = 1) -> None:
    """Adds `number` responses with the HTTP status to `counts`; 1xx (an accepted WebSocket) counts as success."""
    row = counts.setdefault((token, slot), [0, 0, 0, 0])
    row[min(max(status // 100 - 2, 0), 3)] += number


def rows(counts: SlotCounts) -> list[dict[str, int]]:
    """The parameters of `ADD`, one set a token and slot, in their order: two processes then lock rows alike."""
    return [
        {"token": token, "slot": slot, "c0": c[0], "c1": c[1], "c2": c[2], "c3": c[3]}
        for (token, slot), c in sorted(counts.items())
    ]
