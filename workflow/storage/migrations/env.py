"""Run by Alembic; `workflow.storage.schema` hands over the connection, inside its own transaction."""

from alembic import context

from workflow.storage.tables import cases

context.configure(
    connection=context.config.attributes["connection"], target_metadata=cases.metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
