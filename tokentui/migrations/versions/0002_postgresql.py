"""On PostgreSQL: text is sorted and compared as on SQLite, counts have room, and whoever listens is told of a change.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TEXTS: dict[str, dict[str, int | None]] = {
    "extensions": {"slug": 64, "code": 32, "name": 128, "description": 255},
    "modules": {"slug": 64, "name": 128},
    "extension_modules": {"extension_slug": 64, "module_slug": 64},
    "module_paths": {"prefix": 255, "module_slug": 64},
    "tokens": {
        "name": 128,
        "external_id": 128,
        "description": 255,
        "owner": 128,
        "extension_slug": 64,
        "networks": None,
        "created_by": 255,
        "updated_by": 255,
        "last_used_from": 64,
    },
    "secrets": {"created_by": 255},
    "token_modules": {"module_slug": 64},
    "audit": {"actor": 255, "origin": 255, "action": 64},
    "meta": {"name": 64},
}
"""The columns that are text, and how many characters each may have."""

_NUMBERS = {"usage": ("success", "redirection", "client_error", "server_error"), "epoch": ("value",)}

_WATCHED = {
    "tokens": "name, external_id, extension_slug, all_modules, networks, expires_at, disabled_at, deleted_at, id",
    "secrets": "token_id, digest, stops_at",
    "token_modules": "token_id, module_slug",
    "modules": "slug, name",
    "module_paths": "prefix, module_slug",
    "extensions": "slug, code, name",
}
"""What a gate decides by, whose triggers depend on these columns."""

_NOTIFYING = (
    "extensions", "modules", "extension_modules", "module_paths", "tokens", "secrets", "token_modules", "audit", "meta",
    "usage",
)  # fmt: skip
"""The tables of which an open app shows something."""


def upgrade() -> None:
    """Changes nothing on SQLite."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _WATCHED:
        op.execute(f"DROP TRIGGER epoch_{table} ON {table}")
    for table, columns in _TEXTS.items():
        types = {name: f"varchar({length})" if length else "varchar" for name, length in columns.items()}
        _change_types(table, {name: f'{type_} COLLATE "C"' for name, type_ in types.items()})
    for table, names in _NUMBERS.items():
        _change_types(table, dict.fromkeys(names, "bigint"))
    for name in ("name", "owner"):
        op.drop_index(f"ix_tokens_{name}", "tokens")
        op.create_index(f"ix_tokens_{name}", "tokens", [sa.text(f'lower({name} COLLATE "C")'), "id", "deleted_at"])
    op.execute(
        "CREATE OR REPLACE FUNCTION change_epoch() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE epoch SET value = floor(random() * 9e15)::bigint WHERE id = 1; RETURN NULL; END $$"
    )
    for table, watched in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER epoch_{table} AFTER INSERT OR DELETE OR UPDATE OF {watched} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION change_epoch()"
        )
    # Told at the commit, once a transaction.
    op.execute(
        "CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('tokentui', ''); RETURN NULL; END $$"
    )
    for table in _NOTIFYING:
        op.execute(
            f"CREATE TRIGGER tell_{table} AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_change()"
        )


def _change_types(table: str, types: dict[str, str]) -> None:
    changes = ", ".join(f"ALTER COLUMN {name} TYPE {type_}" for name, type_ in types.items())
    op.execute(f"ALTER TABLE {table} {changes}")
