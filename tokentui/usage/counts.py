"""How responses are added to the counts: one statement, whoever counted them."""

from __future__ import annotations

from sqlalchemy import text

MICROS_AN_HOUR = 3_600_000_000

ADD = text(
    "INSERT INTO usage (token_id, hour, success, redirection, client_error, server_error) "
    "VALUES (:token, :hour, :c0, :c1, :c2, :c3) ON CONFLICT (token_id, hour) DO UPDATE SET "
    "success = usage.success + excluded.success, redirection = usage.redirection + excluded.redirection, "
    "client_error = usage.client_error + excluded.client_error, "
    "server_error = usage.server_error + excluded.server_error"
)
# Bare updates: what was read for a check is never written back. Another process may have seen a later use.
USED = text("UPDATE tokens SET last_used_at = :at, last_used_from = :origin WHERE id = :token AND last_used_at < :at")
SECRET_USED = text("UPDATE secrets SET last_used_at = :at WHERE id = :secret AND last_used_at < :at")

Counts = dict[tuple[int, int], list[int]]
"""By (token, hour): 2xx, 3xx, 4xx, 5xx."""


def add(counts: Counts, token: int, hour: int, status: int, number: int = 1) -> None:
    """So many more responses with this status; 1xx (a WebSocket that was accepted) counts as success."""
    row = counts.setdefault((token, hour), [0, 0, 0, 0])
    row[min(max(status // 100 - 2, 0), 3)] += number


def rows(counts: Counts) -> list[dict[str, int]]:
    """The parameters of `ADD`, in the order of the key."""
    return [
        {"token": token, "hour": hour, "c0": c[0], "c1": c[1], "c2": c[2], "c3": c[3]}
        for (token, hour), c in sorted(counts.items())
    ]
