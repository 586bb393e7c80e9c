"""Keys of other systems, which have no ID in them.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Every key so far is one of our own."""
    op.add_column("secrets", sa.Column("form", sa.Integer(), server_default=sa.text("0"), nullable=False))
    where = sa.text("form > 0")
    op.create_index("ix_secrets_imported", "secrets", ["form"], sqlite_where=where, postgresql_where=where)
