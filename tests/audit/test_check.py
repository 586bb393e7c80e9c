"""What was done to the record is told with its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ALICE
from tests.factories import make_token
from tokentui import audit
from tokentui.audit import noted_head
from tokentui.audit.check import AuditCheck, check
from tokentui.context import Context
from tokentui.database.database import open_database
from tokentui.records import Action
from tokentui.tokens import bulk

pytestmark = pytest.mark.sqlite  # what tampers has the file


@pytest.fixture
def written(context: Context) -> Context:
    """Twelve entries: six tokens made, and disabled in one transaction."""
    tokens = [make_token(context).token.id for _ in range(6)]
    bulk.apply(context, Action.DISABLE, tokens)
    return context


@pytest.fixture
def without_master_key(written: Context, tmp_path: Path) -> Iterator[Context]:
    """A colleague's view of the same database, whose home has no master key."""
    database = open_database(str(written.database.path))
    environment = {"TOKENTUI_MASTER_KEY_FILE": str(tmp_path / "none")}
    yield Context(database, written.settings, ALICE, clock=written.clock, environ=environment)
    database.close()


def tamper(context: Context, statement: str) -> AuditCheck:
    """What the check says after somebody with the file has run this."""
    assert context.database.path is not None
    with closing(sqlite3.connect(context.database.path, isolation_level=None)) as connection:
        connection.executescript(statement)
    return check(context)


def told(result: AuditCheck) -> list[tuple[int, int, str]]:
    """Each as (first, last, first words)."""
    return [(item.entry, item.last, " ".join(item.message.split()[:2])) for item in result.tampering]


def test_a_record_that_was_left_alone(written: Context) -> None:
    """Every entry is bound, also those of one transaction."""
    result = check(written)
    assert (result.entries, result.bound, result.unproven, result.tampering) == (12, 12, 0, [])
    assert result.head is not None
    assert result.head.entry_id == 12


def test_nothing_yet(context: Context) -> None:
    assert check(context) == AuditCheck()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit SET actor = 'mallory' WHERE id = 5", [(5, 5, "was changed,")]),
        ("UPDATE audit SET at = at + 1 WHERE id = 1", [(1, 1, "was changed,")]),
        ("UPDATE audit SET link = zeroblob(32) WHERE id = 12", [(12, 12, "was changed,"), (13, 12, "came by")]),
        ("UPDATE audit SET link = 'foreign' WHERE id = 5", [(5, 5, "was changed,"), (6, 6, "was changed,")]),
        ("UPDATE audit SET at = 'foreign', token_id = 'x' WHERE id = 5", [(5, 5, "was changed,")]),
        ("DELETE FROM audit WHERE id = 5", [(5, 5, "is missing")]),
        ("DELETE FROM audit WHERE id IN (5, 6)", [(5, 6, "are missing")]),
        ("DELETE FROM audit WHERE id > 10", [(11, 12, "are missing")]),
        ("DELETE FROM audit WHERE id = 1", [(2, 2, "was changed,")]),
        (
            "UPDATE audit SET id = 99 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5;"
            "UPDATE audit SET id = 5 WHERE id = 99",
            [(4, 4, "was changed,"), (5, 5, "was changed,"), (6, 6, "was changed,")],
        ),
        (
            "INSERT INTO audit (id, at, actor, origin, action, changes, link)"
            " SELECT 13, at, actor, origin, action, changes, link FROM audit WHERE id = 12",
            [(13, 13, "was changed,"), (13, 13, "came by")],
        ),
        ("DELETE FROM meta WHERE name = 'audit_head'", [(0, 0, "the head")]),
        (
            "DELETE FROM audit WHERE id > 10; UPDATE meta SET value = x'00' WHERE name = 'audit_head'",
            [(0, 0, "the head")],
        ),
        ("DELETE FROM audit", [(1, 12, "are missing")]),
    ],
)
def test_what_was_done_is_told_with_its_place(
    written: Context, statement: str, expected: list[tuple[int, int, str]]
) -> None:
    """Changed, removed, moved, inserted, cut off, and the head with it."""
    assert told(tamper(written, statement)) == expected


def test_an_entry_that_follows_does_not_hide_that_others_were_cut_off(written: Context) -> None:
    """Neither where the head is left, nor where it is taken away."""
    tamper(written, "DELETE FROM audit WHERE id > 10")
    make_token(written)
    assert told(check(written)) == [(11, 12, "are missing")]
    tamper(written, "DELETE FROM meta WHERE name = 'audit_head'")
    make_token(written)
    assert (0, 0, "the head") in told(check(written))


def test_who_has_no_master_key_is_written_down_all_the_same(written: Context, without_master_key: Context) -> None:
    """Unproven, and from the next bound entry on not to be changed unseen."""
    token = audit.entries(written)[0].token_id
    assert token is not None
    bulk.apply(without_master_key, Action.DELETE, [token])
    result = check(written)
    assert (result.entries, result.bound, result.unproven, result.tampering) == (13, 12, 1, [])
    make_token(written)
    result = check(written)
    assert (result.entries, result.bound, result.unproven, result.tampering) == (14, 13, 1, [])
    assert told(tamper(written, "UPDATE audit SET actor = 'nobody' WHERE id = 13")) == [(13, 14, "was changed,")]


def test_a_database_that_is_an_older_copy_of_itself(written: Context) -> None:
    """Told by what an earlier check has noted outside it."""
    head = check(written).head
    assert head is not None
    noted_head.note(written, head, written.now())
    assert check(written, noted_head.read(written)).tampering == []
    older = tamper(
        written,
        "DELETE FROM audit WHERE id > 6; DELETE FROM meta WHERE name = 'audit_head'",
    )
    assert older.tampering
    result = check(written, noted_head.read(written))
    assert (12, 12, "was there") in told(result)


def test_a_change_that_is_rolled_back_leaves_no_entry(context: Context) -> None:
    """And no number that is missed."""
    make_token(context)
    with context.database.write() as session:
        audit.record(session, context, "edit", None)
        session.rollback()
        session.commit()
    make_token(context)
    result = check(context)
    assert (result.entries, result.tampering) == (2, [])
