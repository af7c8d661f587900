"""Who works in the invented organisation: units, persons with their roles, and who was away when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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
    """`units`: code → id; `people`: id → person."""

    units: dict[str, int]
    divisions: dict[str, str]
    parents: dict[str, str]
    people: dict[int, Person]
    absences: tuple[Absence, ...]

    def managers(self, unit: str | None = None) -> list[Person]:
        """Account managers, of one unit or of all."""
        return [p for p in self.people.values() if p.holds(MANAGER) and unit in (None, p.home)]

    def of(self, role: str) -> list[Person]:
        return [p for p in self.people.values() if p.holds(role)]

    def stand_in(self, person: int, at: datetime) -> int | None:
        """Who acts for somebody who is away, None for those who are there."""
        return next((a.substitute for a in self.absences if a.absent == person and a.since <= at < a.until), None)

    def code(self, unit: int | None) -> str | None:
        return next((code for code, known in self.units.items() if known == unit), None)


def gather(stage: Stage, *, at: datetime, end: datetime) -> Cast:
    """Write the organisation. `end`: the moment absences are counted back from."""
    staff = table("staff")
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
        people=people,
        absences=tuple(_absences(stage, people, at=at, end=end)),
    )


def _absences(stage: Stage, people: dict[int, Person], *, at: datetime, end: datetime) -> list[Absence]:
    ids = {person.login: person.id for person in people.values()}
    found = []
    for absent, substitute, days_ago, days, reason in table("staff")["absences"]["rows"]:
        since = end - timedelta(days=days_ago)
        if since > at:
            found.append(Absence(ids[absent], ids[substitute], since, since + timedelta(days=days)))
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
