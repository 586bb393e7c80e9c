"""Run by Alembic: migrates on the connection that `migrations.upgrade` hands over."""

from alembic import context

from tokentui.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # SQLite's DDL takes part in a transaction that was begun by hand, as ours are.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
