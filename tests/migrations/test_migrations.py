"""The schema that the program makes is the one that its models map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from tests.migrations.schema_file import engine_on, statements_of, text_of
from tokentui import migrations
from tokentui.migrations import new_file
from tokentui.models import Base, derived


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """To an SQLite file whose schema was made by the migrations."""
    with engine_on(tmp_path / "migrated.db").begin() as connection:
        migrations.upgrade(connection)
        yield connection


def test_the_versions_are_those_that_the_program_knows(connection: Connection) -> None:
    assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == migrations.HEAD
    assert migrations.REVISIONS[-1] == migrations.HEAD
    files = sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))
    assert tuple(file.name[:4] for file in files) == migrations.REVISIONS


def test_a_new_file_is_made_as_the_migrations_would(connection: Connection, tmp_path: Path) -> None:
    """After a new migration: `make schema`."""
    assert new_file.FILE.read_text(encoding="utf-8") == text_of(connection)
    with engine_on(tmp_path / "new.db").begin() as other:
        new_file.create(other)
        assert statements_of(other) == statements_of(connection)
        assert other.exec_driver_sql("SELECT * FROM alembic_version, epoch").all() == [(migrations.HEAD, 1, 0)]


def test_models_and_schema_are_the_same(connection: Connection) -> None:
    # What is derived is no model; the next test compares it.
    tables = Base.metadata.tables
    of_models = {*tables, *(index.name for table in tables.values() for index in table.indexes)}

    def is_of_models(_: object, name: str, kind: str, *__: object) -> bool:
        return kind not in ("table", "index") or name in of_models

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_of_models})
    assert compare_metadata(context, Base.metadata) == []


def test_so_are_collations_keys_and_indexes(connection: Connection, tmp_path: Path) -> None:
    """What Alembic doesn't compare: a name's order ignores case, and a table may be without row IDs."""
    with engine_on(tmp_path / "models.db").begin() as other:
        Base.metadata.create_all(other)
        derived.create(other)
        derived.fill(other)
        modelled = _structure(other)
    migrated = _structure(connection)
    migrated.pop("alembic_version")
    assert migrated == modelled


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    """One that has responses and no sums of them yet."""
    with engine_on(tmp_path / "old.db").begin() as old:
        migrations.upgrade(old, "0004")
        old.exec_driver_sql("INSERT INTO usage VALUES (7, 959, 1, 0, 2, 0), (7, 960, 1, 0, 0, 4), (7, 970, 1, 1, 0, 0)")
        migrations.upgrade(old)
        old.exec_driver_sql("UPDATE usage SET success = 5 WHERE slot = 970")
        old.exec_driver_sql("UPDATE usage SET slot = 10 WHERE slot = 960")
        old.exec_driver_sql("DELETE FROM usage WHERE slot = 959")
        kept = old.exec_driver_sql("SELECT * FROM usage_days").all()
        assert kept == [(0, 7, 5, 4), (10, 7, 6, 0)]


def _structure(connection: Connection) -> dict[str, list[object]]:
    def rows(pragma: str, name: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.exec_driver_sql(f'PRAGMA {pragma}("{name}")')]

    structure: dict[str, list[object]] = {}
    for _, name, kind, *options in connection.exec_driver_sql("PRAGMA table_list").fetchall():
        if kind == "table" and not name.startswith("sqlite_"):
            indexes = sorted(row[1:] for row in rows("index_list", name))
            structure[name] = [
                options,
                rows("table_xinfo", name),
                sorted(row[2:] for row in rows("foreign_key_list", name)),
                indexes,
                [rows("index_xinfo", str(index[0])) for index in indexes],
            ]
    return structure
