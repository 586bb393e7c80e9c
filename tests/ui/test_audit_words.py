"""Entries of the audit in the words of the screens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tokentui.records import AuditRecord
from tokentui.ui.audit_words import action_words, actor_words, change_lines, changes_in_a_line

BERLIN = ZoneInfo("Europe/Berlin")


def entry(action: str, origin: str = "local", **changes: tuple[Any, Any]) -> AuditRecord:
    """An entry by alice."""
    return AuditRecord(1, datetime(2026, 11, 24, 9, 30, tzinfo=UTC), "alice", origin, action, 7, changes)


@pytest.mark.parametrize(
    ("action", "changes", "lines"),
    [
        ("rotate", {"previous_stops_at": (None, "2026-11-24T11:13:00Z")}, ("old key works until 24 Nov 2026 12:13",)),
        ("rotate", {"previous_stops_at": (None, None)}, ()),
        (
            "stop-old",
            {"previous_stops_at": ("2026-11-24T11:13:00Z", None)},
            ("old key would have worked until 24 Nov 2026 12:13",),
        ),
        (
            "edit",
            {"name": ("Old", "New"), "external_id": (None, "crm-7")},
            ("name: Old → New", "external ID: — → crm-7"),
        ),
        ("edit", {"modules": (["usage", "hubs"], "*")}, ("permissions: usage, hubs → All Modules",)),
        ("edit", {"networks": ([], ["203.0.113.0/24"])}, ("networks: — → 203.0.113.0/24",)),
        (
            "renew",
            {"expires_at": ("2026-11-24T11:13:00Z", None)},
            ("expires: 24 Nov 2026 12:13 → never",),
        ),
        ("create", {"name": (None, "X"), "description": (None, ""), "networks": (None, [])}, ("name: X",)),
        ("disable", {"status": ("active", "disabled")}, ()),
        ("edit", {"name": ("\x1b[31m", "[red]x[/]")}, ("name: ␛[31m → [red]x[/]",)),
        ("renew", {"expires_at": ("soon\x1b", "2026-11-24T11:13:00Z")}, ("expires: soon␛ → 24 Nov 2026 12:13",)),
    ],
)
def test_what_changed(action: str, changes: dict[str, tuple[Any, Any]], lines: tuple[str, ...]) -> None:
    """Local times, fields as the screens name them, nothing that was and is empty, nothing a terminal obeys."""
    assert change_lines(entry(action, "local", **changes), BERLIN) == lines


def test_who_did_what() -> None:
    """Known actions by their words, others as they stand."""
    assert action_words("stop-old") == "old key stopped"
    assert action_words("new\x1b") == "new␛"
    assert actor_words(entry("edit")) == "alice"
    assert actor_words(entry("edit", origin="10.0.0.5")) == "alice@10.0.0.5"


def test_a_line_for_a_table_has_each_change_as_it_is_kept() -> None:
    """Nothing is left out but what stayed the same; nothing a terminal obeys."""
    changes: dict[str, tuple[Any, Any]] = {
        "name": ("Old\x1b", "New"), "status": ("active", "disabled"), "modules": (["usage", "hubs"], []),
        "expires_at": (None, "2026-11-24T11:13:00Z"), "owner": ("ops", "ops"),
    }  # fmt: skip
    assert changes_in_a_line(entry("edit", "local", **changes)) == (
        "name: Old␛ → New, status: active → disabled, modules: usage hubs → —, expires at: — → 2026-11-24T11:13:00Z"
    )
