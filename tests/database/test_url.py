from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database.helpers import add, names
from tokentui.database.database import Database, open_database
from tokentui.database.url import parse_url
from tokentui.errors import DatabaseError


@pytest.mark.parametrize(
    "name", ["tokens.db", "a b?c#d%41&mode=ro.db", "令牌 é.db", "-x", "a:b", os.fsdecode(b"\xff\xfe.db")]
)
def test_any_name_that_a_file_can_have(tmp_path: Path, opened: Callable[..., Database], name: str) -> None:
    file = tmp_path / name
    add(opened(file), "x")
    assert names(opened(file)) == ["x"]
    assert file.exists()


def test_a_name_is_a_path_or_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_url("tokens.db")[1] == parse_url("sqlite:///tokens.db")[1] == Path("tokens.db")
    assert parse_url("sqlite:////srv/tokens.db")[1] == Path("/srv/tokens.db")
    assert parse_url("~/tokens.db")[1] == tmp_path / "tokens.db"
    assert parse_url("~nosuchuser/tokens.db")[1] == Path("~nosuchuser/tokens.db")
    assert parse_url("postgresql://host/tokens")[1] is None


@pytest.mark.parametrize(
    "name",
    ["", ":memory:", "sqlite://", "sqlite:///:memory:", "://", "x\0.db", "nosuch://host/x", "postgresql://host:port/x"],
)
def test_what_names_no_database(name: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        open_database(name)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "sqlite+pysqlcipher:///x", "sqlite+aiosqlite:///x", "sqlite:///x?mode=ro", "sqlite:///x?cipher=aes",
        "sqlite://x.db", "sqlite://alice:geheim@host/x", "mysql://host/x", "postgresql+psycopg2://host/x",
        "postgresql+asyncpg://host/x", "oracle://host/x",
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused(name: str) -> None:
    """Never passed over in silence: an encrypted database would be a plain file."""
    with pytest.raises(DatabaseError) as raised:
        parse_url(name)
    assert "geheim" not in str(raised.value)
    assert "write " in raised.value.hint


@pytest.mark.parametrize("name", ["postgresql://h/x?sslmode=require", "postgres://h/x", "postgresql+psycopg://h/x"])
def test_every_name_of_postgresql_is_the_driver_that_is_installed(name: str) -> None:
    assert parse_url(name)[0].drivername == "postgresql+psycopg"
