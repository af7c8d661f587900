"""Tables whose rows are only ever inserted: how a migration makes them so, on both databases.

A migration that has landed relies on what this does: add to it, never change it.
"""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op


def append_only(tables: Mapping[str, str]) -> None:
    """Triggers against UPDATE, DELETE, TRUNCATE and SQLite's REPLACE.

    `tables`: by name, which row there is the same as NEW (`id = NEW.id`), for `INSERT OR REPLACE`, which SQLite does
    without running an UPDATE trigger. On PostgreSQL the function `append_only` is that of the first migration.
    """
    protect = _on_sqlite if op.get_context().dialect.name == "sqlite" else _on_postgresql
    for table, same in tables.items():
        protect(table, same)


def _on_sqlite(table: str, same: str) -> None:
    stop = f"BEGIN SELECT RAISE(ABORT, '{table} are only ever inserted'); END"
    op.execute(f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {stop}")
    op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {stop}")
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
    op.execute(f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} WHEN {there} {stop}")


def _on_postgresql(table: str, same: str) -> None:
    for event in ("update", "delete", "truncate"):
        op.execute(
            f"CREATE TRIGGER {table}_{event} BEFORE {event} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        # Always: also in a session that plays the replica, where triggers are silent by default.
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{event}")
