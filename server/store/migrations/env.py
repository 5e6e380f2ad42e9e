"""What Alembic runs; `server/store/migrate.py` hands it an open connection, inside a write transaction."""

from alembic import context

from server.store.metadata import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by making it anew
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
