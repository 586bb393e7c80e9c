"""Entries are read newest first: one token's or all, those that are wanted, a page at a time."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.audit import AuditFilter, entries, parse_filter
from tokentui.context import Actor, Context
from tokentui.records import TokenChanges
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import rotate_token


@pytest.fixture
def busy(context: Context, clock: FrozenClock) -> Context:
    """Alice makes two tokens, a day later Bob rotates one of them and renames the other."""
    first, second = make_token(context, "First"), make_token(context, "100% _raw_")
    clock.move(days=1)
    bob = dataclasses.replace(context, actor=Actor("bob", "203.0.113.9"))
    rotate_token(bob, first.token.id)
    edit_token(bob, second.token.id, TokenChanges(name="Zweites"))
    return context


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("", ["edit", "rotate", "create", "create"]),
        ("actor:BOB", ["edit", "rotate"]),
        ("actor:b action:ro,ed", ["edit", "rotate"]),
        ("actor:% action:_", []),
        ("action:rotate,create", ["rotate", "create", "create"]),
        ("since:1h", ["edit", "rotate"]),
        ("until:1h", ["create", "create"]),
        ("since:2026-11-24 until:2026-11-24", ["create", "create"]),
        ("zweites", ["edit"]),
        ("203.0.113.9 rotate", ["rotate"]),
        ("100%", ["edit", "create"]),
        ("_raw_", ["edit", "create"]),
        ("0%0", []),
        ("actor:nobody", []),
    ],
)
def test_those_that_are_wanted(busy: Context, query: str, actions: list[str]) -> None:
    wanted = parse_filter(query, busy.now(), busy.zone)
    assert [entry.action for entry in entries(busy, wanted=wanted)] == actions


def test_one_tokens(busy: Context) -> None:
    first = next(entry for entry in entries(busy) if entry.action == "rotate").token_id
    assert first is not None
    by_filter = entries(busy, wanted=AuditFilter(token_id=first))
    assert [entry.action for entry in by_filter] == ["rotate", "create"]
    assert by_filter == entries(busy, first)


def test_a_stream_goes_on_from_page_to_page(busy: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["tokentui.audit.entries"], "_PAGE", 1)
    assert tuple(audit.stream(busy, AuditFilter())) == entries(busy)
