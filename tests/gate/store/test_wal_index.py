"""A change by another process is seen by the next decision, by the WAL index or without one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.gate.helpers import header
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.gate.store import wal_index
from tokentui.gate.store.sqlite import SqliteConnection
from tokentui.records import Issued

REVOKE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
for number, line in enumerate(sys.stdin):
    connection.execute("UPDATE tokens SET disabled_at = ?", (int(line) or None,))
    if number % 7 == 0:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if number % 11 == 0:
        connection.close()
        connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
    print("done", flush=True)
"""

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("seen_by", ["index", "pragma"])
def test_another_process_revokes(
    gate: Gate, context: Context, issued: Issued, seen_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never one request late, through checkpoints and restarts of the WAL too, by the WAL index and by the pragma."""
    right = header(issued)
    if seen_by == "pragma":
        monkeypatch.setattr(wal_index, "mapped", lambda database: None)
    with subprocess.Popen(
        [sys.executable, "-c", REVOKE, str(context.database.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for turn in range(1, 401):
            other.stdin.write(f"{turn % 2}\n")
            other.stdin.flush()
            other.stdout.readline()
            assert gate.verify(right).allowed is (turn % 2 == 0)
        other.stdin.close()
    source = gate._pool.idle[0]._connection
    assert isinstance(source, SqliteConnection)
    assert (source._index is None) is (seen_by == "pragma")


def test_without_wal(gate: Gate, context: Context, issued: Issued) -> None:
    """A database in another journal mode is asked by the pragma."""
    right = header(issued)
    context.database.close()
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as other:
        assert other.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
        assert gate.verify(right).allowed
        other.execute("UPDATE tokens SET disabled_at = 1")
        assert gate.verify(right).reason == "disabled"


def test_wal_mode_stays_while_a_gate_reads(gate: Gate, context: Context, issued: Issued) -> None:
    """What the look at the WAL index relies on: an idle reader's lock keeps others from leaving the mode."""
    assert gate.verify(header(issued)).allowed
    context.database.close()
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None, timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("PRAGMA journal_mode=DELETE")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert gate.verify(header(issued)).allowed
        other.execute("UPDATE tokens SET disabled_at = 1")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert gate.verify(header(issued)).reason == "disabled"
