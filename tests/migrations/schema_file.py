"""What `schema.sql` must hold: `make schema` writes it anew, after a new migration."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event

from tokentui import migrations
from tokentui.migrations.new_file import BETWEEN, FILE, HEAD_LINE, SchemaPart


def engine_on(file: Path) -> Engine:
    """An engine whose transactions begin when they are told to: Python's driver would commit before DDL."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def statements_of(connection: Connection) -> list[str]:
    """Every statement of a database's schema but those that SQLite and the search index make by themselves."""
    made = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
        "AND NOT (type = 'table' AND name LIKE 'token~_search~_%' ESCAPE '~') ORDER BY name"
    )
    return [statement.replace(" \n", "\n") for (statement,) in made]


def text_of(connection: Connection) -> str:
    """The file's text, from a database that the migrations have made and nobody has written to."""
    made = statements_of(connection)
    made.append(f"INSERT INTO alembic_version (version_num) VALUES ('{migrations.HEAD}')")
    made.append("INSERT INTO epoch (id, value) VALUES (1, 0)")
    sorted_by_part = [text for part in SchemaPart for text in made if text.startswith(part.value)]
    return f"{HEAD_LINE}\n\n" + "".join(f"{text}{BETWEEN}" for text in sorted_by_part)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory, engine_on(Path(directory) / "new.db").begin() as connection:
        migrations.upgrade(connection)
        FILE.write_text(text_of(connection), encoding="utf-8")
