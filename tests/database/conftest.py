"""A database that is closed, and a way to open one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tokentui.database.database import Database, open_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database of this version, closed."""
    file = tmp_path / "tokens.db"
    open_database(str(file)).close()
    return file


@pytest.fixture
def opened() -> Iterator[Callable[..., Database]]:
    """`open_database` of a path, closed in the end."""
    databases: list[Database] = []

    def open_one(file: Path, **options: object) -> Database:
        databases.append(open_database(str(file), **options))  # type: ignore[arg-type]
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()
