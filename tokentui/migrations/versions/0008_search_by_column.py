"""The search index knows in which text of a token a trigram stands, and where: a number is then found by its digits in
their order, and a name's are not looked for in IDs; for SQLite.

Revision ID: 0008
"""

from alembic import op

from tokentui.models import derived

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Makes all anew that is derived from the tokens and responses: ten seconds for a million."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        derived.create(connection)
        derived.fill(connection)
