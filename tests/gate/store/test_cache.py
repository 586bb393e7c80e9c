"""What a gate keeps of its answers, for how long, and what makes it forget them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import FrozenClock, make_token
from tests.gate.helpers import header
from tokentui.context import Context
from tokentui.errors import MasterKeyError
from tokentui.gate import Gate
from tokentui.operations import backup
from tokentui.records import Action, Issued, TokenChanges
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import rotate_token

CHANGES: dict[str, tuple[Callable[[Context, FrozenClock, Issued], object], str]] = {
    "expiry": (lambda context, clock, issued: clock.set(issued.token.expires_at), "expired"),  # type: ignore[arg-type]
    "disable": (lambda context, clock, issued: bulk.apply(context, Action.DISABLE, [issued.token.id]), "disabled"),
    "rotate": (lambda context, clock, issued: rotate_token(context, issued.token.id), "wrong-secret"),
    "overlap": (
        lambda context, clock, issued: clock.set(
            rotate_token(context, issued.token.id, overlap=timedelta(minutes=1)).previous_stops_at  # type: ignore[arg-type]
        ),
        "wrong-secret",
    ),
    "modules": (
        lambda context, clock, issued: edit_token(context, issued.token.id, TokenChanges(modules=("products",))),
        "module",
    ),
    "network": (
        lambda context, clock, issued: edit_token(context, issued.token.id, TokenChanges(networks=("10.0.0.0/8",))),
        "network",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_cached_answer_follows_each_change(
    gate: Gate, context: Context, clock: FrozenClock, issued: Issued, change: str
) -> None:
    """However often it was given: first by what was read, then by the record, then by the answer."""
    change_it, reason = CHANGES[change]
    for _ in range(4):
        assert gate.verify(header(issued), path="/agreements/", client="203.0.113.9").allowed
    assert len(gate._pool.idle[0].answers) == 1
    change_it(context, clock, issued)
    for _ in range(4):
        assert gate.verify(header(issued), path="/agreements/", client="203.0.113.9").reason == reason


def test_answers_are_cached_by_path_and_never_by_address(gate: Gate, context: Context, issued: Issued) -> None:
    """Another path is another answer; where the address matters none is kept."""
    right = header(issued)
    for _ in range(4):
        assert gate.verify(right, path="/agreements/").allowed
        assert gate.verify(right, path="/products").reason == "module"
        assert gate.verify(right).allowed
    edit_token(context, issued.token.id, TokenChanges(networks=("203.0.113.0/24",)))
    for _ in range(4):
        assert gate.verify(right, path="/agreements/", client="203.0.113.9").allowed
        assert gate.verify(right, path="/agreements/", client="198.51.100.1").reason == "network"


@pytest.mark.sqlite
def test_counting_keeps_the_cache(gate: Gate, context: Context, issued: Issued) -> None:
    """Only what a gate decides by raises the epoch."""
    gate.verify(header(issued))
    entry = next(iter(gate._pool.idle[0].credentials.values()))
    with sqlite3.connect(str(context.database.path)) as other:
        other.execute("UPDATE tokens SET last_used_at = last_used_at + 1")
    gate.verify(header(issued))
    assert next(iter(gate._pool.idle[0].credentials.values())) is entry


def test_long_paths_and_queries_are_not_cached(gate: Gate, issued: Issued) -> None:
    """Whoever has a key can't fill the memory with them."""
    right = header(issued)
    for number in range(50):
        assert gate.verify(right, path=f"/agreements/?page={number}").allowed
        assert gate.verify(right, path=f"/agreements/{number}" + "x" * 1_000).allowed
    reader = gate._pool.idle[0]
    assert [path for _, path in reader.answers] == ["/agreements/"]
    assert list(reader.module_paths().remembered) == ["/agreements/"]


@pytest.mark.sqlite
def test_a_restore_in_place(gate: Gate, context: Context, tmp_path: Path) -> None:
    """It goes back to an older epoch; counted on from there it would come by a number that was seen before."""
    copy = tmp_path / "copy.db"
    backup.backup(context, copy)
    bad = make_token(context, "made after the backup")
    for _ in range(3):
        assert gate.verify(header(bad)).allowed
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(str(context.database.path))) as new:
        old.backup(new)
    make_token(context, "as many changes as before")
    assert gate.verify(header(bad)).reason == "unknown"


@pytest.mark.sqlite
def test_another_master_key(gate: Gate, context: Context, issued: Issued) -> None:
    """A database that has got one lets nobody in, instead of knowing no key any more; and back."""
    assert gate.verify(header(issued)).allowed
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as other:
        (key_check,) = other.execute("SELECT value FROM meta WHERE name = 'key_check'").fetchone()
        for value, raises in ((b"x" * 16, True), (key_check, False)):
            other.execute("BEGIN")
            other.execute("UPDATE meta SET value = ? WHERE name = 'key_check'", (value,))
            other.execute("UPDATE epoch SET value = value + 1")
            other.execute("COMMIT")
            for _ in range(3):
                for ask in (lambda: gate.verify(header(issued)), gate.check):
                    with pytest.raises(MasterKeyError) if raises else nullcontext():
                        ask()
