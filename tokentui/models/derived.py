"""What SQLite keeps of the tokens besides their rows, by triggers, so that a million are counted and searched at once.

`token_counts`: how many tokens there are of a state, and of those that are neither disabled nor deleted how many expire
on a day of UTC. Any status is then a sum and a range of one day, whatever the time is.

`token_search`: the trigrams of all texts that words are looked for in (https://sqlite.org/fts5.html, 4.3.4). It keeps
their places, not the texts: what is looked up are tokens that may hold a word, whose rows are read then. It is left
out where SQLite was built without FTS5.

`usage_days`: the responses of each day, see `derived_usage`.

`INDEXES`: what filters look for that name but a few tokens.

All of it can be made from the tokens and responses at any time, by `create` and `fill`.
"""

from __future__ import annotations

from tokentui.models import derived_usage
from tokentui.models.driver_sql import DriverSql
from tokentui.models.moments import LATEST, to_micros

DAY_MICROS = 86_400_000_000
ENABLED, DISABLED, DELETED = range(3)
_ALWAYS = 1_000_000_000
"""The day of an expiry that is no number: it sorts after all that are, and so never comes."""

INDEXES = {
    "ix_tokens_created_by": "tokens (created_by COLLATE NOCASE)",
    "ix_tokens_updated_by": "tokens (updated_by COLLATE NOCASE)",
    "ix_tokens_limited": "tokens (id) WHERE networks <> ''",
    "ix_secrets_created": "secrets (created_at, token_id)",
    "ix_secrets_stopping": f"secrets (stops_at, token_id) WHERE stops_at < {to_micros(LATEST)}",
}

_STATE = (
    f"CASE WHEN {{row}}.deleted_at IS NOT NULL THEN {DELETED} WHEN {{row}}.disabled_at IS NOT NULL THEN {DISABLED} "
    f"ELSE {ENABLED} END"
)
_DAY = (
    "CASE WHEN {row}.deleted_at IS NOT NULL OR {row}.disabled_at IS NOT NULL THEN 0 "
    "WHEN typeof({row}.expires_at) IN ('integer', 'real') "
    f"THEN CAST({{row}}.expires_at / {DAY_MICROS} AS INTEGER) ELSE {_ALWAYS} END"
)
_TEXTS = {
    "name": "coalesce({row}.name, '')",
    "external_id": "coalesce({row}.external_id, '')",
    "description": "coalesce({row}.description, '')",
    "digits": "substr({row}.id + 1000000000, 2)",
}
"""What the search index has of a token, by the index's columns."""

_COLUMNS, _TEXT = ", ".join(_TEXTS), ", ".join(_TEXTS.values())
_COUNT_ONE = (
    f"INSERT INTO token_counts (state, day, number) VALUES ({_STATE}, {_DAY}, 1) "
    "ON CONFLICT (state, day) DO UPDATE SET number = number + 1;"
)
_COUNT_ONE_LESS = f"UPDATE token_counts SET number = number - 1 WHERE state = {_STATE} AND day = {_DAY};"
_SEARCH = f"INSERT INTO token_search (rowid, {_COLUMNS}) VALUES ({{row}}.id, {_TEXT});"
_SEARCH_NO_MORE = f"INSERT INTO token_search (token_search, rowid, {_COLUMNS}) VALUES ('delete', {{row}}.id, {_TEXT});"
_TRIGGERS = {
    "token_counts_insert": ("INSERT", (_COUNT_ONE.format(row="new"),)),
    "token_counts_delete": ("DELETE", (_COUNT_ONE_LESS.format(row="old"),)),
    "token_counts_update": (
        "UPDATE OF expires_at, disabled_at, deleted_at",
        (_COUNT_ONE_LESS.format(row="old"), _COUNT_ONE.format(row="new")),
    ),
    "token_search_insert": ("INSERT", (_SEARCH.format(row="new"),)),
    "token_search_delete": ("DELETE", (_SEARCH_NO_MORE.format(row="old"),)),
    "token_search_update": (
        "UPDATE OF id, name, external_id, description",
        (_SEARCH_NO_MORE.format(row="old"), _SEARCH.format(row="new")),
    ),
}
_SORTED_BYTES, _USUAL_BYTES = 16 << 20, 1 << 20
"""What FTS5 sorts in memory before it is written: where the index of all is made, and by default."""


def create(connection: DriverSql) -> None:
    """Makes the tables, empty, without their triggers; what there is of them goes."""
    drop(connection)
    _create_tables(connection, "main")


def fill(connection: DriverSql) -> None:
    """Fills the tables with the tokens that there are, and makes the indexes, and the triggers that keep them so."""
    fill_tables(connection)
    searchable = is_searchable(connection)
    for name, columns in INDEXES.items():
        connection.exec_driver_sql(f"CREATE INDEX {name} ON {columns}")
    for name, (event, statements) in _TRIGGERS.items():
        if searchable or not name.startswith("token_search"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} AFTER {event} ON tokens BEGIN {' '.join(statements)} END"
            )
    derived_usage.keep(connection)


def create_copies(connection: DriverSql) -> None:
    """Makes the tables anew as temporary ones, in the schema `temp`, to compare them with."""
    _create_tables(connection, "temp")
    fill_tables(connection, "temp")


def _create_tables(connection: DriverSql, schema: str) -> None:
    connection.exec_driver_sql(
        f"CREATE TABLE {schema}.token_counts (state INTEGER NOT NULL, day INTEGER NOT NULL, number INTEGER NOT NULL, "
        "PRIMARY KEY (state, day)) WITHOUT ROWID"
    )
    if connection.exec_driver_sql("SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'").fetchone()[0]:
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {schema}.token_search USING fts5"
            f"({_COLUMNS}, content='', columnsize=0, tokenize='trigram')"
        )
    derived_usage.create(connection, schema)


def fill_tables(connection: DriverSql, schema: str = "main") -> None:
    """Fills the tables, empty, with the tokens that there are: the indexes and triggers are not made."""
    state, day, text = (part.format(row="tokens") for part in (_STATE, _DAY, _TEXT))
    connection.exec_driver_sql(
        f"INSERT INTO {schema}.token_counts (state, day, number) "
        f"SELECT {state}, {day}, count(*) FROM main.tokens GROUP BY 1, 2"
    )
    if is_searchable(connection):
        # In the order of the IDs, the only one in which FTS5 sorts many rows together.
        into = f"INSERT INTO {schema}.token_search"
        connection.exec_driver_sql(f"{into} (token_search, rank) VALUES ('hashsize', {_SORTED_BYTES})")
        connection.exec_driver_sql(f"{into} (rowid, {_COLUMNS}) SELECT id, {text} FROM main.tokens ORDER BY id")
        connection.exec_driver_sql(f"{into} (token_search, rank) VALUES ('hashsize', {_USUAL_BYTES})")
    derived_usage.fill(connection, schema)


def drop(connection: DriverSql) -> None:
    """Removes the tables with their triggers, and the indexes."""
    for name in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    for name in INDEXES:
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
    for name in ("token_counts", "token_search"):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    derived_usage.drop(connection)


def is_searchable(connection: DriverSql) -> bool:
    """Whether there is a search index."""
    made = connection.exec_driver_sql("SELECT count(*) FROM main.sqlite_master WHERE name = 'token_search'")
    return bool(made.fetchone()[0])
