"""Who works in the invented organisation: units, persons with their roles, and who was away when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workflow.core.step import SYSTEM
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table

MANAGER = "account_manager"


@dataclass(frozen=True, slots=True)
class Person:
    """`units`: where each role is held, the first one being home. `pace`: 1 is usual, 2 takes twice as long."""

    id: int
    login: str
    name: str
    units: tuple[tuple[str, str], ...]
    pace: float

    @property
    def home(self) -> str:
        return self.units[0][0]

    def holds(self, role: str) -> bool:
        return any(held == role for _, held in self.units)


@dataclass(frozen=True, slots=True)
class Absence:
    absent: int
    substitute: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Cast:
    """`units`: code → id; `people`: id → person; `absences`: by who is away; `gone`: who has left for good."""

    units: dict[str, int]
    divisions: dict[str, str]
    parents: dict[str, str]
    kinds: dict[str, str]
    people: dict[int, Person]
    absences: dict[int, tuple[Absence, ...]]
    gone: set[int] = field(default_factory=set)
    _held: dict[str, tuple[tuple[int, int], list[Person]]] = field(default_factory=dict)
    """By role, who holds it as long as so many came and so many left: asked at every turn, of hundreds."""

    def managers(self, unit: str | None = None) -> list[Person]:
        """Account managers, of one unit or of all."""
        return [p for p in self.of(MANAGER) if unit in (None, p.home)]

    def of(self, role: str) -> list[Person]:
        present = len(self.people), len(self.gone)
        if role not in self._held or self._held[role][0] != present:
            found = [p for p in self.people.values() if p.holds(role) and p.id not in self.gone]
            self._held[role] = present, found
        return self._held[role][1]

    def stand_in(self, person: int, at: datetime) -> int | None:
        """Who acts for somebody who is away, None for those who are there."""
        return next((a.substitute for a in self.absences.get(person, ()) if a.since <= at < a.until), None)

    def code(self, unit: int | None) -> str | None:
        return next((code for code, known in self.units.items() if known == unit), None)


def gather(stage: Stage, *, at: datetime, end: datetime, staff: Mapping[str, Any] | None = None) -> Cast:
    """Write the organisation. `end`: the moment absences are counted back from; `staff` None: the demonstration's."""
    staff = table("staff") if staff is None else staff
    stage.found(at=at)
    units: dict[str, int] = {}
    for row in staff["unit"]:
        units[row["code"]] = stage.add_unit(
            row["code"],
            name_zh=row["zh"],
            name_en=row["en"],
            kind=row["kind"],
            parent=units[row["parent"]] if "parent" in row else None,
            division=row["division"],
            actor=SYSTEM,
            at=at,
        )
    people: dict[int, Person] = {}
    for login, zh, en, held, pace in staff["people"]["rows"]:
        roles = tuple((unit, role) for unit, _, role in (text.partition(":") for text in held))
        person = stage.add_person(
            login, name_zh=zh, name_en=en, email=f"{login}@yunling-post.example", actor=SYSTEM, at=at
        )
        for unit, role in roles:
            stage.grant(person, units[unit], role, actor=SYSTEM, at=at)
        people[person] = Person(person, login, zh, roles, pace)
    return Cast(
        units=units,
        divisions={row["code"]: row["division"] for row in staff["unit"]},
        parents={row["code"]: row.get("parent", "") for row in staff["unit"]},
        kinds={row["code"]: row["kind"] for row in staff["unit"]},
        people=people,
        absences=_absences(stage, people, staff["absences"]["rows"], at=at, end=end),
    )


def _absences(
    stage: Stage, people: dict[int, Person], rows: list[Any], *, at: datetime, end: datetime
) -> dict[int, tuple[Absence, ...]]:
    ids = {person.login: person.id for person in people.values()}
    found: dict[int, tuple[Absence, ...]] = {}
    for absent, substitute, days_ago, days, reason in rows:
        since = end - timedelta(days=days_ago)
        if since > at:
            away = Absence(ids[absent], ids[substitute], since, since + timedelta(days=days))
            found[away.absent] = (*found.get(away.absent, ()), away)
            stage.substitute(
                ids[absent],
                ids[substitute],
                since=since,
                until=since + timedelta(days=days),
                reason=reason,
                actor=SYSTEM,
                at=at,
            )
    return found
