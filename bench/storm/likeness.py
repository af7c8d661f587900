"""What a database says, without what differs between two runs that did the same: salts, hashes, and skipped numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from workflow.storage import tables as t
from workflow.storage.database import Database

Likeness = Mapping[str, tuple[str, ...]]
"""Table → its rows, in an order of their own."""

LEFT_OUT = {
    "cases": {"number", "head", "body"},
    "steps": {"form", "ops", "previous", "hash"},
    "vault": {"commitment", "salt"},
    "outbox": {"id", "body"},
    "dispatches": {"id", "lease", "leased_by", "incident_id", "due"},
    "deliveries": {"id", "at"},
    "incidents": {"id", "raised", "last", "times"},
    "credentials": {"password"},
    "sessions": {"token"},
    "feeds": {"token"},
    "leaves": {"hash"},
    "nodes": {"hash"},
    "epochs": {"origin"},
    "log_keys": {"public"},
    "checkpoints": {"note"},
    "control_runs": {"milliseconds"},
    "control_exceptions": {"run_id"},
    "customer_phones": {"digest"},
    "search_keys": {"value"},
    "uploads": {"id"},
    "upload_steps": {"upload_id"},
}
"""Salted, hashed, said again by whoever took over, or naming a row of which a try that died has used up the number."""

WHETHER = {"incidents": {"resolved"}}
"""When it was is up to whoever took over; that it was is not."""

CASES = frozenset({"case_id", "parent_id", "child_id", "customer_id", "merged_id"})


def likeness(database: Database) -> Likeness:
    with database.reading() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM cases ORDER BY id").scalars().all()
        # PostgreSQL does not give the number of what was not kept a second time: the place is what counts.
        place: dict[object, object] = {case: rank for rank, case in enumerate(ids, start=1)}
        place |= {-case: -rank for rank, case in enumerate(ids, start=1)}
        units = connection.exec_driver_sql("SELECT id FROM units ORDER BY id").scalars().all()
        unit: dict[object, object] = {one: rank for rank, one in enumerate(units, start=1)}
        found: dict[str, tuple[str, ...]] = {}
        for table in t.metadata.sorted_tables:
            # In plain SQL: what SQLAlchemy would make of it anew for each database takes ten times as long.
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').mappings()
            found[table.name] = tuple(sorted(_spelt(table.name, row, place, unit) for row in rows))
        counted = "SELECT stage, kind, sum(count) FROM lateness GROUP BY stage, kind ORDER BY stage, kind"
        found[TIMES] = tuple(
            f"{stage} {kind}: {int(times)}" for stage, kind, times in connection.exec_driver_sql(counted)
        )
    return found


def _spelt(table: str, row: Any, place: Mapping[object, object], unit: Mapping[object, object]) -> str:
    cases = CASES | ({"id"} if table in ("cases", "customers") else set())
    cases |= {"no"} if table == "timers" and row["kind"] == "linked" else set()
    units = {"unit_id"}
    if table == "units":
        cases, units = frozenset(), {"parent_id"}
    left_out = LEFT_OUT.get(table, set()) | ({"id"} - cases)
    if table == "cases" and row["kind"] != "case":
        left_out = left_out - {"number"}
    whether = WHETHER.get(table, set())

    def said(name: str, value: object) -> object:
        if name in cases:
            return place.get(value, value)
        if name in units:
            return unit.get(value, value)
        return value is not None if name in whether else repr(value)

    return ", ".join(f"{name}={said(name, value)}" for name, value in row.items() if name not in left_out)


TIMES = "how often it was late"
"""In a likeness: what the figures of lateness count, without how late and why, which is up to whoever took over."""


def unlike(
    found: Likeness, wanted: Likeness, *, more: frozenset[str] = frozenset(), but: frozenset[str] = frozenset()
) -> str:
    """How one differs from the other; empty when it does not.

    `more`: tables that may hold more than they should; `but`: those that are not compared.
    """
    told = []
    for table, rows in wanted.items():
        if table in but:
            continue
        missing, extra = Counter(rows) - Counter(found[table]), Counter(found[table]) - Counter(rows)
        if missing or (extra and table not in more):
            sample = next(iter(missing or extra))
            told.append(f"{table}: {missing.total()} missing, {extra.total()} too many, as {sample[:160]}")
    return "; ".join(told)
