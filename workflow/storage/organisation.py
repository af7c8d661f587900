"""Units, persons, roles and substitutions: read as one value, written row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workflow.core.definition.expressions import Text
from workflow.core.directory import Directory, Membership, Person, Substitution, Unit
from workflow.core.groups import Absence, Group, Member
from workflow.storage import tables as t
from workflow.storage.group_tables import absences, group_members, linked_groups

TABLES = {
    "unit": t.units,
    "person": t.persons,
    "membership": t.memberships,
    "substitution": t.substitutions,
    "group": linked_groups,
    "group_member": group_members,
    "absence": absences,
}


def version(connection: Connection) -> int:
    """Rises with every change; 0 while there is no organisation."""
    found = connection.scalar(select(t.facts.c.value).where(t.facts.c.name == "directory"))
    return int(found or 0)


def load(connection: Connection, number: int) -> Directory:
    """The organisation as it is now, as version `number`."""
    u, p, m, s = t.units.c, t.persons.c, t.memberships.c, t.substitutions.c
    units = connection.execute(
        select(u.id, u.code, u.name_zh, u.name_en, u.kind, u.parent_id, u.division, u.active, u.calendar)
    )
    persons = connection.execute(select(p.id, p.login, p.name_zh, p.name_en, p.active, p.language, p.theme))
    memberships = connection.execute(select(m.person_id, m.unit_id, m.role, m.since, m.until).order_by(m.id))
    substitutions = connection.execute(select(s.id, s.absent_id, s.substitute_id, s.since, s.until, s.reason))
    g, j, a = linked_groups.c, group_members.c, absences.c
    groups = connection.execute(select(g.id, g.name_zh, g.name_en, g.unit_id, g.industry, g.active))
    members = connection.execute(select(j.id, j.group_id, j.person_id, j.since, j.until).order_by(j.id))
    away = connection.execute(select(a.id, a.absent_id, a.since, a.until, a.reason))
    return Directory(
        number,
        [
            Unit(r.id, r.code, Text(r.name_zh, r.name_en), r.kind, r.parent_id, r.division, r.active, r.calendar)
            for r in units
        ],
        [Person(r.id, r.login, Text(r.name_zh, r.name_en), r.active, r.language, r.theme) for r in persons],
        [Membership(*row) for row in memberships],
        [Substitution(*row) for row in substitutions],
        [Group(r.id, Text(r.name_zh, r.name_en), r.unit_id, r.industry, r.active) for r in groups],
        [Member(*row) for row in members],
        [Absence(*row) for row in away],
    )


def mail_choice(connection: Connection, person: int | None) -> Any:
    """Address, `mail` and `mail_hours` of a person; None when there is none with this id."""
    p = t.persons.c
    return connection.execute(select(p.email, p.mail, p.mail_hours).where(p.id == (person or 0))).one_or_none()


def contact(connection: Connection, person: int) -> Any:
    """`email` and `phone` of a person; None when there is none with this id."""
    p = t.persons.c
    return connection.execute(select(p.email, p.phone).where(p.id == person)).one_or_none()


def add(connection: Connection, kind: str, values: Mapping[str, Any]) -> int:
    """A new row of `TABLES[kind]`; gives its id."""
    table = TABLES[kind]
    row = connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    touch(connection)
    return int(row)


def change(connection: Connection, kind: str, row: int, values: Mapping[str, Any]) -> bool:
    """Change a row; False when there is none."""
    table = TABLES[kind]
    found = connection.execute(update(table).where(table.c.id == row).values(**values)).rowcount
    touch(connection)
    return bool(found)


def end_memberships(connection: Connection, person: int, unit: int, role: str, *, at: datetime) -> None:
    """End what the person holds of that role in that unit at this moment."""
    c = t.memberships.c
    mine = (c.person_id == person) & (c.unit_id == unit) & (c.role == role) & (c.since <= at)
    connection.execute(update(t.memberships).where(mine, c.until.is_(None) | (c.until > at)).values(until=at))
    touch(connection)


def touch(connection: Connection) -> None:
    """Let everyone read the organisation again; calendars and wordings are kept with it."""
    c = t.facts.c
    if not connection.execute(update(t.facts).where(c.name == "directory").values(value=c.value + 1)).rowcount:
        connection.execute(insert(t.facts).values(name="directory", value=1))
