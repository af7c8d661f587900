"""What is in use: of a unit, of a person, of each version of a lifecycle."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from workflow.storage.tables import cases, customers, tasks


def of_unit(connection: Connection, unit: int) -> Mapping[str, int]:
    """How many open `cases`, and `customers`, belong to a unit."""
    c = cases.c
    running = select(func.count()).where(c.unit_id == unit, c.kind == "case", c.closed.is_(None))
    kept = select(func.count()).where(customers.c.unit_id == unit)
    return {"cases": connection.scalar(running) or 0, "customers": connection.scalar(kept) or 0}


def of_person(connection: Connection, person: int) -> Mapping[str, int]:
    """How many open `tasks` a person has, and how many `customers` are theirs, as A or as B."""
    mine = select(func.count()).where(tasks.c.assignee_id == person)
    kept = select(func.count()).where((customers.c.a_id == person) | (customers.c.b_id == person))
    return {"tasks": connection.scalar(mine) or 0, "customers": connection.scalar(kept) or 0}


def of_versions(connection: Connection) -> Mapping[tuple[str, int], tuple[int, int]]:
    """(definition, version) → how many cases are on it, and how many of them are open."""
    c = cases.c
    counted = select(c.definition, c.version, func.count(), func.count().filter(c.closed.is_(None)))
    rows = connection.execute(counted.where(c.kind == "case").group_by(c.definition, c.version))
    return {(name, version): (every, running) for name, version, every, running in rows}
