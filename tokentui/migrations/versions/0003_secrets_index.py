"""Let the gate read a secret from the index alone.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the index anew, with the digest in it."""
    op.drop_index("ix_secrets_token", "secrets")
    op.create_index("ix_secrets_token", "secrets", ["token_id", "stops_at", "digest"], unique=False)
