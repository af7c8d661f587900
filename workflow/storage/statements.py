"""The store's statements, written once and spelt for each database when the program starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from workflow.storage import recorded
from workflow.storage.rows import COLUMNS, KEYS
from workflow.storage.tables import steps

_CASE = (
    "id", "kind", "number", "opened", "definition", "version", "customer_id", "unit_id", "parent_id", "state",
    "phase", "marks", "updated", "closed", "seq", "head", "body",
)  # fmt: skip
_LOADED = (
    "SELECT c.body, c.head, u.id, u.number, u.name_zh, u.tier, u.stage, u.lead, u.industry, u.unit_id, u.a_id, u.b_id,"
    " u.until, u.classes FROM cases c LEFT JOIN customers u ON u.id = c.customer_id"
)
# A subquery sees what the statement saw when it began, however long it then waited for the lock.
_WAITED = _LOADED.replace(" FROM cases c", ", c.seq <> (SELECT k.seq FROM cases k WHERE k.id = c.id) FROM cases c")
_OPEN_OF = (
    "SELECT id, definition, marks FROM cases WHERE customer_id = ? AND closed IS NULL AND id <> ? AND kind = 'case'"
)


_CASES_OF = (
    "SELECT id, definition, number, opened, unit_id, marks FROM cases"
    " WHERE customer_id = ? AND closed IS NULL AND id <> ? AND kind = 'case'"
)
_OTHERS_OF = (
    "SELECT id FROM cases WHERE customer_id = ? AND definition = ? AND closed IS NULL AND id <> ? AND kind = 'case'"
    " ORDER BY id"
)

_TOOK_PART = (
    "SELECT c.id, c.marks FROM participants p JOIN cases c ON c.id = p.case_id"
    " WHERE p.person_id = ? AND c.customer_id = ?"
)

_LED = (
    "SELECT count(*) FROM customers WHERE (a_id = ? OR b_id = ?) AND merged_id IS NULL AND id <> ?"
    " AND CASE lead WHEN 'b' THEN coalesce(b_id, a_id) ELSE coalesce(a_id, b_id) END = ?"
)

_END_STINT = "UPDATE stints SET ended = ?, ended_seq = ? WHERE customer_id = ? AND role = ? AND ended IS NULL"
_END_FIGURE = "UPDATE revenue SET until = ? WHERE customer_id = ? AND month = ? AND product = ? AND until IS NULL"


@dataclass(frozen=True, slots=True)
class Statements:
    """Ready text for one dialect."""

    dialect: str
    load: str
    new_id: str
    directory_version: str
    insert_case: str
    update_case: str
    insert_step: str
    insert_secret: str
    insert_outbox: str
    vault: str
    unseal: str
    open_of: str
    cases_of: str
    took_part: str
    others_of: str
    definition_of: str
    takings: str
    led: str
    upsert: dict[str, str]
    delete: dict[str, str]
    recorded: dict[str, str]
    """What `recorded.writes` names: rows made of a record's steps, inserted once, and ended."""

    @staticmethod
    def of(dialect: str) -> Statements:
        return _statements(dialect)

    def load_free(self, count: int) -> str:
        if self.dialect == "postgresql":
            # SKIP LOCKED on the cases: a case somebody is working on is left to the next sweep.
            return f"{_LOADED} WHERE c.id = ANY(%s) ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED"
        return f"{_LOADED} WHERE c.id IN ({', '.join('?' * count)}) ORDER BY c.id"

    def many(self, values: Sequence[int]) -> tuple[object, ...]:
        return (list(values),) if self.dialect == "postgresql" else tuple(values)


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608


def _upsert(table: str) -> str:
    columns, keys = COLUMNS[table], COLUMNS[table][: KEYS[table]]
    changes = ", ".join(f"{c} = excluded.{c}" for c in columns[len(keys) :])
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    return f"{_insert(table, columns)} ON CONFLICT ({', '.join(keys)}) {action}"


def _delete(table: str) -> str:
    return f"DELETE FROM {table} WHERE {' AND '.join(f'{k} = ?' for k in COLUMNS[table][: KEYS[table]])}"  # noqa: S608


@cache
def _statements(dialect: str) -> Statements:
    postgresql = dialect == "postgresql"

    def spell(text: str) -> str:
        return text.replace("?", "%s") if postgresql else text

    changed = ", ".join(f"{column} = ?" for column in _CASE[4:])
    # NO KEY: a linked case's row may be inserted (and so look at this one's key) while we hold the lock.
    lock = " FOR NO KEY UPDATE OF c" if postgresql else ""
    return Statements(
        dialect=dialect,
        load=spell(f"{_WAITED if postgresql else _LOADED} WHERE c.id = ?{lock}"),
        new_id="SELECT nextval('case_ids')" if postgresql else _NEXT_ID,
        directory_version="SELECT value FROM facts WHERE name = 'directory'",
        insert_case=spell(_insert("cases", _CASE)),
        update_case=spell(f"UPDATE cases SET {changed} WHERE id = ? AND seq = ?"),  # noqa: S608
        insert_step=spell(_insert("steps", [c.name for c in steps.columns])),
        insert_secret=spell(_insert("vault", ("case_id", "commitment", "salt", "value", "sealed"))),
        insert_outbox=spell(_insert("outbox", ("case_id", "seq", "n", "person_id", "kind", "body", "created"))),
        vault=spell("SELECT commitment, value FROM vault WHERE case_id = ?"),
        unseal=spell("UPDATE vault SET sealed = false WHERE case_id = ? AND sealed"),
        open_of=spell(_OPEN_OF),
        cases_of=spell(_CASES_OF),
        others_of=spell(_OTHERS_OF),
        definition_of=spell("SELECT definition FROM cases WHERE id = ?"),
        took_part=spell(_TOOK_PART),
        led=spell(_LED),
        takings=spell("SELECT case_id, since, until FROM takings WHERE name = ? AND of_id = ?"),
        upsert={table: spell(_upsert(table)) for table in COLUMNS},
        delete={table: spell(_delete(table)) for table in COLUMNS},
        recorded={
            "end_stint": spell(_END_STINT),
            "end_figure": spell(_END_FIGURE),
            **{table: spell(_insert(table, columns)) for table, columns in recorded.COLUMNS.items()},
        },
    )


_NEXT_ID = (
    "INSERT INTO facts (name, value) VALUES ('case', 1)"
    " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
)
