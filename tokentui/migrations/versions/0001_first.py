"""The tables, and the epoch that tells a gate of changes.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# What a gate decides by. Counting a use changes none of it, so these columns leave `last_used_*` out.
_WATCHED = {
    "tokens": "name, external_id, extension_slug, all_modules, networks, expires_at, disabled_at, deleted_at, id",
    "secrets": "token_id, digest, stops_at",
    "token_modules": "token_id, module_slug",
    "modules": "slug, name",
    "module_paths": "prefix, module_slug",
    "extensions": "slug, code, name",
}


def upgrade() -> None:
    """Makes every table, then the epoch and the triggers that change it."""
    _catalog()
    _tokens()
    _usage()
    _records()
    op.execute("INSERT INTO epoch (id, value) VALUES (1, 0)")
    # Another number at each change, not the next one: a database that is restored in place goes back to an older epoch,
    # and counted on from there it would come by a number that a gate has seen before the restore.
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgresql_triggers()


def _sqlite_triggers() -> None:
    for table, columns in _WATCHED.items():
        for event in ("INSERT", "DELETE", f"UPDATE OF {columns}"):
            name = f"epoch_{table}_{event.split()[0].lower()}"
            op.execute(
                f"CREATE TRIGGER {name} AFTER {event} ON {table} "
                "BEGIN UPDATE epoch SET value = random() WHERE id = 1; END"
            )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION change_epoch() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE epoch SET value = floor(random() * 2147483647)::int WHERE id = 1; RETURN NULL; END $$"
    )
    for table, columns in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER epoch_{table} AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION change_epoch()"
        )


def _catalog() -> None:
    op.create_table(
        "extensions",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("asks_permissions", sa.Boolean(), nullable=False),
        sa.Column("grants_all", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_extensions"),
    )
    op.create_table(
        "modules",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_modules"),
    )
    op.create_table(
        "extension_modules",
        sa.Column("extension_slug", sa.String(length=64), nullable=False),
        sa.Column("module_slug", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["extension_slug"],
            ["extensions.slug"],
            name="fk_extension_modules_extension_slug",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["module_slug"], ["modules.slug"], name="fk_extension_modules_module_slug", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("extension_slug", "module_slug", name="pk_extension_modules"),
    )
    op.create_table(
        "module_paths",
        sa.Column("prefix", sa.String(length=255), nullable=False),
        sa.Column("module_slug", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["module_slug"], ["modules.slug"], name="fk_module_paths_module_slug", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("prefix", name="pk_module_paths"),
    )
    op.create_index("ix_module_paths_module_slug", "module_paths", ["module_slug"], unique=False)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "name",
            sa.String(length=128).with_variant(sa.String(length=128, collation="NOCASE"), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "external_id",
            sa.String(length=128).with_variant(sa.String(length=128, collation="NOCASE"), "sqlite"),
            nullable=True,
        ),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column(
            "owner",
            sa.String(length=128).with_variant(sa.String(length=128, collation="NOCASE"), "sqlite"),
            nullable=False,
        ),
        sa.Column("extension_slug", sa.String(length=64), nullable=False),
        sa.Column("all_modules", sa.Boolean(), nullable=False),
        sa.Column("networks", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_from", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["extension_slug"], ["extensions.slug"], name="fk_tokens_extension_slug"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_index("ix_tokens_created", "tokens", ["created_at", "id", "deleted_at"], unique=False)
    op.create_index("ix_tokens_expires", "tokens", ["expires_at", "id", "deleted_at"], unique=False)
    op.create_index("ix_tokens_extension", "tokens", ["extension_slug", "id", "deleted_at"], unique=False)
    op.create_index("ix_tokens_external_id", "tokens", ["external_id"], unique=False)
    op.create_index("ix_tokens_last_used", "tokens", ["last_used_at", "id", "deleted_at"], unique=False)
    op.create_index("ix_tokens_name", "tokens", ["name", "id", "deleted_at"], unique=False)
    op.create_index("ix_tokens_owner", "tokens", ["owner", "id", "deleted_at"], unique=False)
    op.create_index("ix_tokens_state", "tokens", ["deleted_at", "disabled_at", "expires_at", "id"], unique=False)
    for state, columns in (("disabled", ["disabled_at", "id", "deleted_at"]), ("deleted", ["deleted_at", "id"])):
        where = sa.text(f"{state}_at IS NOT NULL")
        op.create_index(f"ix_tokens_{state}", "tokens", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("stops_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name="fk_secrets_token_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_secrets"),
        sa.UniqueConstraint("digest", name="uq_secrets_digest"),
    )
    op.create_index("ix_secrets_token", "secrets", ["token_id", "stops_at", "digest"], unique=False)
    op.create_table(
        "token_modules",
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("module_slug", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["module_slug"], ["modules.slug"], name="fk_token_modules_module_slug"),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name="fk_token_modules_token_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_id", "module_slug", name="pk_token_modules"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_token_modules_module_slug", "token_modules", ["module_slug"], unique=False)


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("token_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("success", sa.Integer(), nullable=False),
        sa.Column("redirection", sa.Integer(), nullable=False),
        sa.Column("client_error", sa.Integer(), nullable=False),
        sa.Column("server_error", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "slot", name="pk_usage"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_usage_slot", "usage", ["slot"], unique=False)
    op.create_table(
        "logged_hours",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name="pk_logged_hours"),
    )
    op.create_table(
        "logged_lines",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("hour", "digest", name="pk_logged_lines"),
        sqlite_with_rowid=False,
    )


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_token", "audit", ["token_id", "id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_epoch"),
    )
