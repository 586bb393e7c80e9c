"""The outbox of `tokentui notify`.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the table of what people are told."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    number = sa.Integer() if sqlite else sa.BigInteger()
    collation = None if sqlite else "C"
    op.create_table(
        "notices",
        sa.Column("id", number, nullable=False),
        sa.Column("recipient", sa.String(length=320, collation=collation), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16, collation=collation), nullable=False),
        sa.Column("occasion", sa.String(length=64, collation=collation), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("recipient", "token_id", "kind", "occasion", name="uq_notices_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_due", "notices", ["sent_at", "recipient", "due_at"])
