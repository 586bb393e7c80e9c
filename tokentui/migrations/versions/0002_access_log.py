"""Remember which lines of an access log were counted.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the two tables; nothing that is there changes."""
    op.create_table(
        "logged_hours",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name="pk_logged_hours"),
    )
    op.create_table(
        "logged_requests",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hour", "request", name="pk_logged_requests"),
        sqlite_with_rowid=False,
    )
