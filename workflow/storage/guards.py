"""What keeps rows from being changed: whether all of it is there, to the letter, and nothing that does something else.

A trigger of the right name may do nothing, one of another name may drop what is inserted, and a view may show what no
table holds. So triggers are compared with what the migrations made, and every table with what a table of ours is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, text

from workflow.storage.columns import metadata
from workflow.storage.log_tables import PROTECTED

SAME = {
    "steps": "case_id = NEW.case_id AND (seq = NEW.seq OR previous = NEW.previous)",
    "leaves": "position = NEW.position OR (case_id = NEW.case_id AND seq = NEW.seq)",
    "nodes": "level = NEW.level AND place = NEW.place",
    "epochs": "no = NEW.no OR origin = NEW.origin",
    "log_keys": "no = NEW.no OR public = NEW.public",
    "checkpoints": "no = NEW.no",
    "wordings": "seq = NEW.seq",
}
"""Which row there is the same as a new one, for SQLite's REPLACE; of all others the one of the same id."""

QUEUE = "steps_unsealed"
_STOP = (
    " BEGIN RAISE EXCEPTION '% are only ever inserted', TG_TABLE_NAME "
    "USING ERRCODE = 'integrity_constraint_violation'; END "
)
_QUEUED = " BEGIN INSERT INTO unsealed (case_id, seq) VALUES (NEW.case_id, NEW.seq); RETURN NULL; END "
# pg_trigger.tgtype: 1 for each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
_KINDS = {"update": 18, "delete": 10, "truncate": 34}

Trigger = tuple[Any, ...]
"""Its table, and whatever else of it there is to compare."""

_ON_POSTGRESQL = text(
    "SELECT t.tgname, c.relname, t.tgtype, t.tgenabled, p.prosrc, l.lanname,"
    " t.tgqual IS NULL AND t.tgnargs = 0 AND p.proconfig IS NULL"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " JOIN pg_language l ON l.oid = p.prolang"
    " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) AND c.relname IN :tables"
).bindparams(bindparam("tables", expanding=True))
_TABLES_OF_POSTGRESQL = text(
    "SELECT c.relname, c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relrowsecurity AND NOT c.relhasrules,"
    " (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"
    " FROM pg_class c WHERE pg_table_is_visible(c.oid) AND c.relname IN :tables"
).bindparams(bindparam("tables", expanding=True))
_TABLES_OF_SQLITE = text(
    "SELECT name, type = 'table' AND strict = 1, ncol FROM pragma_table_list WHERE schema = 'main'"
)


def unprotected(connection: Connection) -> list[str]:
    """Tables whose rows may be changed: a trigger that forbids it is not there, or is another one."""
    there, wanted = _there(connection), _wanted(connection)
    bad = {("unsealed" if name == QUEUE else one[0]) for name, one in wanted.items() if there.get(name) != one}
    return [table for table in (*PROTECTED, "unsealed") if table in bad]


def planted(connection: Connection) -> list[tuple[str, str]]:
    """Triggers on tables of ours that Baton did not make: table and name."""
    wanted = _wanted(connection)
    return sorted((str(one[0]), name) for name, one in _there(connection).items() if name not in wanted)


def reshaped(connection: Connection) -> list[str]:
    """Tables that are none any more, or not of the kind Baton made: a view, rules that hide rows, other columns."""
    sqlite = connection.dialect.name == "sqlite"
    found = connection.execute(*((_TABLES_OF_SQLITE,) if sqlite else (_TABLES_OF_POSTGRESQL, _ours())))
    there = {name: (bool(plain), int(columns)) for name, plain, columns in found}
    return [name for name, one in sorted(metadata.tables.items()) if there.get(name) != (True, len(one.columns))]


def _ours() -> dict[str, list[str]]:
    return {"tables": sorted(metadata.tables)}


def _there(connection: Connection) -> dict[str, Trigger]:
    if connection.dialect.name == "sqlite":
        query = text("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'")
        return {row.name: (row.tbl_name, row.sql) for row in connection.execute(query)}
    return {row[0]: tuple(row[1:]) for row in connection.execute(_ON_POSTGRESQL, _ours())}


def _wanted(connection: Connection) -> dict[str, Trigger]:
    return dict(_of_sqlite() if connection.dialect.name == "sqlite" else _of_postgresql())


def _of_sqlite() -> Iterator[tuple[str, Trigger]]:
    """As `migrations/protection.py` writes them."""
    for table in PROTECTED:
        stop = f"BEGIN SELECT RAISE(ABORT, '{table} are only ever inserted'); END"
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {SAME.get(table, 'id = NEW.id')})"  # noqa: S608
        for event, when in (
            ("update", f"BEFORE UPDATE ON {table}"),
            ("delete", f"BEFORE DELETE ON {table}"),
            ("replace", f"BEFORE INSERT ON {table} WHEN {there}"),
        ):
            yield f"{table}_{event}", (table, f"CREATE TRIGGER {table}_{event} {when} {stop}")
    queue = "BEGIN INSERT INTO unsealed (case_id, seq) VALUES (NEW.case_id, NEW.seq); END"
    yield QUEUE, ("steps", f"CREATE TRIGGER {QUEUE} AFTER INSERT ON steps {queue}")


def _of_postgresql() -> Iterator[tuple[str, Trigger]]:
    for table in PROTECTED:
        for event, kind in _KINDS.items():
            yield f"{table}_{event}", (table, kind, "A", _STOP, "plpgsql", True)
    yield QUEUE, ("steps", 5, "A", _QUEUED, "plpgsql", True)
