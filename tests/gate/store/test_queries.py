"""What a look-up costs the database: the same whether a token is there or not, and no row of `secrets`."""

from __future__ import annotations

import hmac
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.crypto.key_format import new_key
from tokentui.errors import DatabaseError
from tokentui.gate import Gate
from tokentui.gate.store.sqlite import SqliteConnection
from tokentui.records import Issued
from tokentui.tokens.secrets import rotate_token


@pytest.mark.sqlite
@pytest.mark.parametrize("statement", [SqliteConnection.newest_secret, SqliteConnection.all_secrets])
def test_plan(context: Context, statement: str) -> None:
    """Searches and no scan; the digest comes out of the index."""
    make_token(context)
    with closing(sqlite3.connect(str(context.database.path))) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", (1,))]
    assert not [step for step in steps if "SCAN" in step or "TEMP" in step]
    assert any(step.startswith("SEARCH t USING INTEGER PRIMARY KEY") for step in steps)
    assert "SEARCH s USING COVERING INDEX ix_secrets_token (token_id=?)" in steps


@pytest.fixture
def tokens(context: Context) -> list[Issued]:
    """Three, by number."""
    return sorted((make_token(context, name=name) for name in "abc"), key=lambda issued: issued.token.id)


def test_an_unknown_number_reads_another_token(context: Context, tokens: list[Issued]) -> None:
    """The next one, and after the last the first; none of them is ever let in by it."""
    first, second, third = (issued.token.id for issued in tokens)
    rotate_token(context, second)
    gate = Gate.from_context(context)
    reader = gate._pool.borrow()
    reader.refresh()
    for number, token_ids in (
        (0, [first]),
        (first, [first]),
        (first + 1, [second, second]),
        (second, [second, second]),
        (third - 1, [third] if third - 1 > second else [second, second]),
        (third, [third]),
        (third + 1, [first]),
        (10**9 - 1, [third] if third == 10**9 - 1 else [first]),
    ):
        assert [row[1] for row in reader.all_secrets(number)] == token_ids
    for number in (third + 1, first + 1, third + 1):
        assert gate.verify(f"ApiKey {new_key(number % 10**9).text}").reason == "unknown"
    for number in (first, second, third):
        assert gate.verify(f"ApiKey {new_key(number).text}").reason == "wrong-secret"


@pytest.mark.sqlite
def test_a_token_after_the_last(context: Context, tokens: list[Issued]) -> None:
    """One that is new is found, also where the reader knows an older end of the table."""
    gate = Gate.from_context(context)
    last = tokens[-1].token.id
    for _ in range(2):
        assert gate.verify(f"ApiKey {new_key(last + 1).text}").reason == "unknown"
    assert gate._pool.idle[0]._max_id == last + 1
    while (issued := make_token(context)).token.id < last:
        pass
    assert issued.key is not None
    assert gate.verify(f"ApiKey {issued.key.text}").allowed
    assert gate._pool.idle[0]._max_id > issued.token.id


def test_both_secrets_of_an_overlap_are_found(context: Context, tokens: list[Issued]) -> None:
    """The one that stops sooner is found too, and kept."""
    rotated = rotate_token(context, tokens[0].token.id, overlap=timedelta(minutes=15))
    gate = Gate.from_context(context)
    for issued in (tokens[0], rotated):
        assert issued.key is not None
        header = f"ApiKey {issued.key.text}"
        assert gate.verify(header).allowed
        assert gate._verify_keys.present.digest(issued.key.text) in gate._pool.idle[0].credentials
        assert gate.verify(header.lower().replace("su-", " SU-")).allowed


def test_no_token_at_all(context: Context) -> None:
    """There is nothing to compare with, and nobody who could tell."""
    context.vault()
    assert Gate.from_context(context).verify(f"ApiKey {new_key(5).text}").reason == "unknown"


def test_the_digest_is_an_hmac(context: Context) -> None:
    """By the standard library's own."""
    vault = context.vault()
    text = new_key(5).text
    assert vault.digest(text) == hmac.digest(vault.verify_key, text.encode("ascii"), "sha256")
    assert vault.digest(text) == vault.digest(text)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE tokens SET networks = 'nonsense'",
        "UPDATE tokens SET networks = x'ff'",
        "UPDATE tokens SET networks = '10.0.0.0/99'",
        "UPDATE tokens SET expires_at = 'soon'",
        "UPDATE tokens SET expires_at = 1.5",
        "UPDATE tokens SET name = x'07'",
        "UPDATE tokens SET external_id = x'00'",
        "UPDATE secrets SET stops_at = 'never'",
        "UPDATE tokens SET name = CAST(x'41ff' AS TEXT)",
    ],
)
def test_a_row_that_cannot_be_read(context: Context, damage: str) -> None:
    """Lets nobody in by it, and the error names the token; the others are let in."""
    sound = make_token(context)
    damaged = make_token(context)
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
        column = "token_id" if "UPDATE secrets" in damage else "id"
        connection.execute(f"{damage} WHERE {column} = ?", (damaged.token.id,))
    gate = Gate.from_context(context)
    assert sound.key is not None
    assert damaged.key is not None
    for _ in range(2):
        with pytest.raises(DatabaseError, match=damaged.token.label):
            gate.verify(f"ApiKey {damaged.key.text}", path="/agreements")
        assert gate.verify(f"ApiKey {sound.key.text}", path="/agreements").allowed
    assert gate.verify(f"ApiKey {new_key(damaged.token.id).text}").status == 401


@pytest.mark.sqlite
@pytest.mark.parametrize("value", ["'foreign'", "5", "CAST(x'41ff' AS TEXT)"])
def test_a_digest_that_is_none(context: Context, value: str) -> None:
    """Whether a key of this token is right can't be told; an ID that nobody has is refused as ever."""
    sound, damaged = sorted((make_token(context), make_token(context)), key=lambda issued: issued.token.id)
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE secrets SET digest = {value} WHERE token_id = ?", (damaged.token.id,))
    gate = Gate.from_context(context)
    assert sound.key is not None
    assert damaged.key is not None
    for key in (damaged.key, new_key(damaged.token.id)):
        with pytest.raises(DatabaseError, match=damaged.token.label):
            gate.verify(f"ApiKey {key.text}")
    assert gate.verify(f"ApiKey {new_key(damaged.token.id - 1).text}").status == 401  # reads the damaged row instead
    assert gate.verify(f"ApiKey {sound.key.text}").allowed


@pytest.mark.sqlite
def test_the_other_secret_of_a_damaged_one(context: Context) -> None:
    """During an overlap each of the two is for itself."""
    old = make_token(context)
    new = rotate_token(context, old.token.id, overlap=timedelta(hours=1))
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute("UPDATE secrets SET digest = 'foreign' WHERE id = (SELECT min(id) FROM secrets)")
    gate = Gate.from_context(context)
    assert old.key is not None
    assert new.key is not None
    assert gate.verify(f"ApiKey {new.key.text}").allowed
    with pytest.raises(DatabaseError, match=old.token.label):
        gate.verify(f"ApiKey {old.key.text}")


@pytest.mark.sqlite
@pytest.mark.parametrize("value", ["'foreign'", "5", "CAST(x'41ff' AS TEXT)"])
def test_a_key_check_that_is_none(context: Context, value: str) -> None:
    """Nobody is let in, and whoever starts a gate or a command is told so."""
    issued = make_token(context)
    gate = Gate.from_context(context)
    assert issued.key is not None
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute(f"UPDATE meta SET value = {value} WHERE name = 'key_check'")
        connection.execute("UPDATE epoch SET value = value + 1")
    for ask in (lambda: gate.verify(f"ApiKey {issued.key.text}"), lambda: Gate.from_context(context)):
        with pytest.raises(DatabaseError, match="says of its master key is damaged"):
            ask()


@pytest.mark.sqlite
@pytest.mark.parametrize("value", ["x'2f'", "CAST(x'2fff' AS TEXT)"])
def test_a_path_of_the_catalogue_that_is_none(context: Context, value: str) -> None:
    """It must not be passed over: where paths of no module are open, everybody would be let in."""
    issued = make_token(context)
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(
            f"UPDATE module_paths SET prefix = {value} WHERE rowid = (SELECT min(rowid) FROM module_paths)"
        )
    assert issued.key is not None
    with pytest.raises(DatabaseError, match="path of the catalogue is damaged"):
        Gate.from_context(context).verify(f"ApiKey {issued.key.text}", path="/agreements")
