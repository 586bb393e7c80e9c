"""Which names lead to a database, and that no other is taken for one."""

from __future__ import annotations

import pytest

from tokentui.database.url import parse_url
from tokentui.errors import DatabaseError


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
