"""What the gate says, and that it says so from the next request on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import FrozenClock, make_token
from tests.gate.helpers import header
from tokentui.context import Context
from tokentui.crypto.key_format import Key, checksum, format_id, new_key
from tokentui.crypto.master_key import MasterKeyExposed
from tokentui.errors import DatabaseError, SettingsError
from tokentui.gate import Gate
from tokentui.records import Action, Issued, TokenChanges
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import rotate_token


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


@pytest.mark.sqlite
def test_arguments_are_checked_like_settings(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    gate.verify("ApiKey x")
    monkeypatch.setattr(gate, "_next_look", float("inf"))  # whether there are keys of other systems by now

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


@pytest.mark.sqlite
def test_a_master_key_that_anybody_can_read_is_warned_of(context: Context, issued: Issued) -> None:
    """In an API's own process no command says it."""
    file = context.settings.home / "master.key"
    file.chmod(0o644)
    with pytest.warns(MasterKeyExposed, match="chmod o="):
        opened = Gate(str(context.database.path), file)
    assert opened.verify(header(issued)).allowed
    opened.close()
