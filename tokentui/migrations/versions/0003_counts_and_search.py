"""Counts by status and a search index, which triggers keep; on PostgreSQL trigrams, where its extension can be had.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from tokentui.models import derived

revision = "0003"
down_revision = "0002"

# The expressions that a filter looks for words in.
_TEXTS = {
    "name": "name",
    "external_id": "coalesce(external_id, '')",
    "description": "description",
    "digits": "substr(CAST(id + 1000000000 AS VARCHAR), 2)",
}


def upgrade() -> None:
    """Makes what is derived from the tokens. That they are made from the tokens as they are now is no harm: another
    form of them can be made from the tokens at any time."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        derived.create(connection)
        derived.fill(connection)
    elif _has_trigrams(connection):
        for name, expression in _TEXTS.items():
            op.execute(f"CREATE INDEX ix_tokens_{name}_trigrams ON tokens USING gin (({expression}) gin_trgm_ops)")


def _has_trigrams(connection: sa.Connection) -> bool:
    """Whether pg_trgm is there or can be made: that takes the right to create in the database, and its files."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except sa.exc.DBAPIError:
        return False
    return True
