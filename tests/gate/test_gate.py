"""What the gate says, and that it says so from the next request on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import FrozenClock, make_token
from tokentui.context import Context
from tokentui.crypto.key_format import Key, checksum, format_id, new_key
from tokentui.database.database import open_database
from tokentui.errors import DatabaseError, MasterKeyError, SettingsError
from tokentui.gate import Gate
from tokentui.gate.store import wal_index
from tokentui.gate.store.sqlite import SqliteConnection
from tokentui.operations import backup
from tokentui.records import Action, Issued, TokenChanges
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import rotate_token


def header(issued: Issued) -> str:
    assert issued.key is not None
    return f"ApiKey {issued.key.text}"


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context, name="Billing", modules=("agreements",), all_modules=False)


@pytest.fixture
def gate(context: Context, issued: Issued) -> Gate:
    return Gate.from_context(context)


def until(state: Callable[[], bool], changed_at: float) -> None:
    """Asks until it is so; whoever asks 200 ms after the change has to be told."""
    while True:
        asked_at = time.monotonic()
        if state():
            return
        assert asked_at - changed_at < 0.2


def unavailable(gate: Gate, header: str) -> bool:
    try:
        gate.verify(header)
    except DatabaseError:
        return True
    return False


def test_reasons(gate: Gate, context: Context, issued: Issued) -> None:
    """Each reason, and what only the holder of the secret is told."""
    token_id = issued.token.id
    right = header(issued)
    assert gate.verify(right).allowed
    assert gate.verify(None).reason == "malformed"
    assert gate.verify("Bearer x").reason == "malformed"
    assert gate.verify(right[:-1] + ("0" if right[-1] != "0" else "1")).reason == "checksum"
    assert gate.verify(f"ApiKey {new_key((token_id + 1) % 10**9).text}").reason == "unknown"
    wrong = gate.verify(f"ApiKey {new_key(token_id).text}")
    assert (wrong.reason, wrong.status, wrong.token) == ("wrong-secret", 401, None)
    assert gate.verify(right, path="/agreements/").status == 200
    refused = gate.verify(right, path="/products/x")
    assert (refused.status, refused.reason, refused.module) == (403, "module", "Products")
    for action, reason in ((Action.DISABLE, "disabled"), (Action.DELETE, "deleted")):
        bulk.apply(context, action, [token_id])
        assert gate.verify(right).reason == reason
    bulk.apply(context, Action.RESTORE, [token_id])
    bulk.apply(context, Action.ENABLE, [token_id])
    assert gate.verify(right).allowed


def test_expiry_counts_while_cached(gate: Gate, clock: FrozenClock, issued: Issued) -> None:
    """Nothing is committed when a token expires."""
    assert gate.verify(header(issued)).allowed
    assert issued.token.expires_at is not None
    clock.set(issued.token.expires_at - timedelta(microseconds=1))
    assert gate.verify(header(issued)).allowed
    clock.set(issued.token.expires_at)
    # The secret's own end comes with the token's only where a rotation set one.
    assert gate.verify(header(issued)).reason == "expired"


def test_overlap(gate: Gate, context: Context, clock: FrozenClock, issued: Issued) -> None:
    """The old secret works until the overlap ends, the new one at once."""
    rotated = rotate_token(context, issued.token.id, overlap=timedelta(minutes=15))
    assert gate.verify(header(issued)).allowed
    assert gate.verify(header(rotated)).allowed
    clock.move(minutes=15)
    assert gate.verify(header(issued)).reason == "wrong-secret"
    assert gate.verify(header(rotated)).allowed


def test_permission_and_network_changes_count_at_once(gate: Gate, context: Context, issued: Issued) -> None:
    """An edit reaches a record that is cached."""
    right = header(issued)
    assert gate.verify(right, path="/products").status == 403
    edit_token(context, issued.token.id, TokenChanges(modules=("products",), networks=("203.0.113.0/24",)))
    assert gate.verify(right, path="/products", client="203.0.113.9").allowed
    assert gate.verify(right, path="/products", client="::ffff:203.0.113.9").allowed
    for client in ("198.51.100.1", None, "nonsense"):
        assert gate.verify(right, path="/products", client=client).reason == "network"
    assert gate.verify(right, path="/agreements", client="203.0.113.9").reason == "module"


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
def test_an_answer_that_is_kept(gate: Gate, context: Context, clock: FrozenClock, issued: Issued, change: str) -> None:
    """However often it was given: first by what was read, then by the record, then by the answer."""
    change_it, reason = CHANGES[change]
    for _ in range(4):
        assert gate.verify(header(issued), path="/agreements/", client="203.0.113.9").allowed
    assert len(gate._pool.idle[0].answers) == 1
    change_it(context, clock, issued)
    for _ in range(4):
        assert gate.verify(header(issued), path="/agreements/", client="203.0.113.9").reason == reason


def test_an_answer_is_kept_for_its_path_and_address(gate: Gate, context: Context, issued: Issued) -> None:
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


@pytest.mark.parametrize("way", ["index", "pragma"])
def test_another_process_revokes(
    gate: Gate, context: Context, issued: Issued, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never one request late, through checkpoints and restarts of the WAL too, by either way to see a change."""
    right = header(issued)
    if way == "pragma":
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
    assert (source._index is None) is (way == "pragma")


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


def test_counting_keeps_the_cache(gate: Gate, context: Context, issued: Issued) -> None:
    """Only what a gate decides by raises the epoch."""
    gate.verify(header(issued))
    entry = next(iter(gate._pool.idle[0].credentials.values()))
    with sqlite3.connect(str(context.database.path)) as other:
        other.execute("UPDATE tokens SET last_used_at = last_used_at + 1")
    gate.verify(header(issued))
    assert next(iter(gate._pool.idle[0].credentials.values())) is entry


def test_a_restored_copy(gate: Gate, context: Context, issued: Issued, tmp_path: Path) -> None:
    """A file that takes the name is another database, whatever its epoch."""
    right = header(issued)
    assert gate.verify(right).allowed
    path = context.database.path
    assert path is not None
    copy = tmp_path / "copy.db"
    backup.backup(context, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:  # closed, so that all is in the one file
        other.execute("UPDATE tokens SET disabled_at = 1")
        other.execute("UPDATE epoch SET value = value - 1")
    context.database.close()
    shutil.copy(copy, tmp_path / "moved.db")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(tmp_path / "moved.db", path)
    until(lambda: gate.verify(right).reason == "disabled", time.monotonic())


def test_a_missing_file_lets_nobody_in(gate: Gate, context: Context, issued: Issued) -> None:
    """Neither does what was cached."""
    assert gate.verify(header(issued)).allowed
    assert context.database.path is not None
    context.database.path.rename(context.database.path.with_name("away"))
    until(lambda: unavailable(gate, header(issued)), time.monotonic())
    assert unavailable(gate, header(issued))
    context.database.path.with_name("away").rename(context.database.path)
    assert gate.verify(header(issued)).allowed


def _gone_index(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()


def _moved_away(path: Path) -> None:
    (path.parent / "data").mkdir()
    path.rename(path.parent / "data" / path.name)
    path.symlink_to(path.parent / "data" / path.name)


@pytest.mark.parametrize("change", [_gone_index, _moved_away])
def test_an_index_that_others_do_not_write_to(
    gate: Gate, context: Context, issued: Issued, change: Callable[[Path], None], open_as: Callable[..., Context]
) -> None:
    """Once is refused to all, then everything is opened anew, and changes are seen again."""
    path = context.database.path
    assert path is not None
    assert gate.verify(header(issued)).allowed
    with closing(sqlite3.connect(str(path))) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    change(path)
    until(lambda: unavailable(gate, header(issued)), time.monotonic())
    assert gate.verify(header(issued)).allowed
    with closing(sqlite3.connect(str(path), isolation_level=None)) as other:
        other.execute("UPDATE tokens SET disabled_at = 1")
        for _ in range(3):
            assert gate.verify(header(issued)).reason == "disabled"


def test_a_link_beside_another_index(context: Context, issued: Issued, tmp_path: Path) -> None:
    """The index is the one beside the file, as for SQLite, whatever lies beside the link."""
    assert context.database.path is not None
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "tokens.db"
    link.symlink_to(context.database.path)
    Path(f"{link}-shm").write_bytes(bytes(32768))
    database = open_database(str(link))
    gate = Gate.from_context(Context(database, context.settings, context.actor, clock=context.clock, environ={}))
    for _ in range(3):
        assert gate.verify(header(issued)).allowed
    bulk.apply(context, Action.DISABLE, [issued.token.id])
    assert gate.verify(header(issued)).reason == "disabled"
    gate.close()
    database.close()


def test_an_interruption(gate: Gate, context: Context, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a signal comes between two steps, the next request sees the change."""

    class Interrupted(BaseException):
        pass

    rows = SqliteConnection.rows

    def interrupted(self: SqliteConnection, statement: str, *parameters: int) -> object:
        raise Interrupted

    for turn in range(4):
        for _ in range(3):
            assert gate.verify(header(issued)).allowed is (turn % 2 == 0)
        bulk.apply(context, Action.ENABLE if turn % 2 else Action.DISABLE, [issued.token.id])
        with monkeypatch.context() as patch:
            patch.setattr(SqliteConnection, "rows", interrupted)
            with pytest.raises(Interrupted):
                gate.verify(header(issued))
        assert SqliteConnection.rows is rows


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


def test_another_master_key(gate: Gate, context: Context, issued: Issued) -> None:
    """A database that has got one lets nobody in, instead of knowing no key any more; and back."""
    assert gate.verify(header(issued)).allowed
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as other:
        (known,) = other.execute("SELECT value FROM meta WHERE name = 'key_check'").fetchone()
        for value, raises in ((b"x" * 16, True), (known, False)):
            other.execute("BEGIN")
            other.execute("UPDATE meta SET value = ? WHERE name = 'key_check'", (value,))
            other.execute("UPDATE epoch SET value = value + 1")
            other.execute("COMMIT")
            for _ in range(3):
                for ask in (lambda: gate.verify(header(issued)), gate.check):
                    with pytest.raises(MasterKeyError) if raises else nullcontext():
                        ask()


def test_what_is_given_is_checked(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the settings are; and a database that is not there is not made."""
    monkeypatch.setenv("TOKENTUI_HOME", str(tmp_path))
    monkeypatch.setenv("TOKENTUI_CONFIG", "")
    for name, value in (("unmatched", "bogus"), ("base_path", "x"), ("base_path", "/a/../b"), ("base_path", "/a%2fb")):
        with pytest.raises(SettingsError, match=name):
            Gate(str(context.database.path), **{name: value})
    with pytest.raises(DatabaseError, match="there is no database"):
        Gate(str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


def test_a_mistyped_key_reads_nothing(gate: Gate, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shape and checksum are looked at before the database."""
    gate.verify(header(issued))

    def no(*args: object) -> None:
        raise AssertionError("the database was asked")

    reader = gate._pool.idle[0]
    monkeypatch.setattr(reader, "_connection", None)
    monkeypatch.setattr(reader, "refresh", no)
    monkeypatch.setattr(gate._pool, "_new", no)
    for value in (None, "", "ApiKey", "ApiKey x", f"ApiKey {format_id(1)}:{'0' * 40}"):
        assert gate.verify(value).status == 401


def test_threads(gate: Gate, issued: Issued) -> None:
    """Many at once get the right answer each."""
    right, wrong = header(issued), f"ApiKey {new_key(issued.token.id).text}"
    seen: list[bool] = []

    def ask() -> None:
        for _ in range(200):
            seen.append(gate.verify(right, path="/agreements").allowed and not gate.verify(wrong).allowed)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1600
    assert all(seen)


def test_after_a_fork(gate: Gate, context: Context, issued: Issued, open_as: Callable[..., Context]) -> None:
    """The child opens connections of its own and sees changes, and so does the parent still."""
    right = header(issued)
    assert gate.verify(right).allowed
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        first = gate.verify(right).allowed
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        os._exit(0 if first and gate.verify(right).reason == "disabled" else 1)
    os.read(ready[0], 1)
    bulk.apply(context, Action.DISABLE, [issued.token.id])
    os.write(go[1], b"x")
    assert os.waitpid(child, 0)[1] == 0
    assert gate.verify(right).reason == "disabled"


@given(st.one_of(st.none(), st.text(), st.text().map(lambda text: f"ApiKey SU-{text}"), st.from_regex(r"ApiKey .*")))
def test_any_header(shared_gate: Gate, value: str | None) -> None:
    """Never raises, never lets in."""
    assert shared_gate.verify(value).status == 401


@given(st.integers(0, 10**9 - 1), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_any_wellformed_key(shared_gate: Gate, number: int, random: str) -> None:
    """A checksum alone opens nothing."""
    key = Key(number, random + checksum(number, random))
    assert shared_gate.verify(f"ApiKey {key.text}").reason in ("unknown", "wrong-secret")


@pytest.fixture(scope="module")
def shared_gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """One for all examples."""
    from tokentui.bootstrap import open_context
    from tokentui.settings import load

    home = tmp_path_factory.mktemp("home")
    environ = {"HOME": str(home), "TOKENTUI_HOME": str(home)}
    context = open_context(load(environ), environ=environ)
    make_token(context)
    return Gate.from_context(context)


def test_long_paths_and_queries_are_not_kept(gate: Gate, issued: Issued) -> None:
    """Whoever has a key can't fill the memory with them."""
    right = header(issued)
    for number in range(50):
        assert gate.verify(right, path=f"/agreements/?page={number}").allowed
        assert gate.verify(right, path=f"/agreements/{number}" + "x" * 1_000).allowed
    reader = gate._pool.idle[0]
    assert [path for _, path in reader.answers] == ["/agreements/"]
    assert list(reader.module_paths().remembered) == ["/agreements/"]
