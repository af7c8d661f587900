"""The schema, revision by revision (Alembic). `workflow.storage.schema` runs them; there is no alembic.ini."""
