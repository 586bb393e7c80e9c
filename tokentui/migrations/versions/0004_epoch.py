"""Make the epoch another number at each change, instead of the next one.

A database that is restored in place goes back to an older epoch. Counted on from there it would come by the number
that a gate has seen before, and the gate would take what it knows of the time before the restore for true.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Replaces what the triggers do."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE OR REPLACE FUNCTION raise_epoch() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN UPDATE epoch SET value = floor(random() * 2147483647)::int WHERE id = 1; RETURN NULL; END $$"
        )
        return
    triggers = op.get_bind().exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'epoch~_%' ESCAPE '~'"
    )
    for name, sql in triggers.fetchall():
        op.execute(f"DROP TRIGGER {name}")
        op.execute(sql.replace("value = value + 1", "value = random()"))
