"""Responses by day, which triggers keep, for lists that are sorted and filtered by them; for SQLite.

Revision ID: 0005
"""

from alembic import op

from tokentui.models import derived_usage

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes what is derived from the responses, from those that there are now."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        derived_usage.drop(connection)
        derived_usage.create(connection)
        derived_usage.fill(connection)
        derived_usage.keep(connection)
