"""Scores of managers and centres for a year, and what a manager is paid by them, with every input (004 §3.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workflow.core.definition.expressions import Text
from workflow.core.errors import PersonNotFound, UnitNotFound
from workflow.core.pay import MONTHS, Inputs, Pay, paid
from workflow.core.plans import plans
from workflow.core.scores import WHOLE, Part, score, scored
from workflow.core.step import Actor
from workflow.definitions.measures import Clock
from workflow.service.plans import NONE, Of, Plan, Planning
from workflow.service.results import Results, Tally, first_of
from workflow.service.shown import Shown
from workflow.service.views.lists import Filters
from workflow.service.views.names import PersonName, UnitName
from workflow.storage.queries import measures, results
from workflow.storage.queries.measures import Judged
from workflow.storage.queries.merges import merges, survivors

if TYPE_CHECKING:
    from sqlalchemy import Connection


MANAGER = "account_manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagersYear:
    """`actual`: cents. `plan` is empty and `pay` None where they are not the reader's to see (`may_see`); `pay` is None
    too as long as score, plan or standard are not known."""

    person: PersonName
    unit: UnitName | None
    year: int
    parts: tuple[Part, ...]
    score: int | None
    actual: int
    plan: Plan
    planner: PersonName | None
    pay: Pay | None
    may_see: bool
    may_plan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plannable:
    """Somebody, or a unit, somebody plans for. `code`: the login, or the unit's code; `expected`: whether a plan is,
    because it is a manager or a unit, or there is one."""

    id: int
    code: str
    name: Text
    plan: Plan
    expected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CentresYear:
    unit: UnitName
    year: int
    parts: tuple[Part, ...]
    score: int | None
    plan: Plan
    planner: PersonName | None
    may_plan: bool


class Scores(Planning, Results):
    def managers_years(
        self, reader: Actor, year: int, *, zone: ZoneInfo, unit: int | None = None, at: datetime | None = None
    ) -> list[ManagersYear]:
        """Of those whose figures the reader sees and of whom there is anything, by unit and person."""
        with self._read(reader) as (connection, shown):
            persons = self._people(shown.reader, unit)
            found = self._years(connection, shown, reader, persons, year, zone, at)
        some = [one for one in found if one.plan.seq or one.actual or any(part.have for part in one.parts)]
        return sorted(some, key=lambda one: (one.unit.id if one.unit else 0, one.person.id))

    def plannable(self, reader: Actor, of: Of, year: int) -> list[Plannable]:
        """Those the reader plans for, with what was said of a year last; nobody plans for themselves."""
        with self._read(reader) as (connection, shown):
            directory, at = shown.reader.directory, shown.reader.at

            def may(unit: int | None) -> bool:
                return shown.reader.everything or plans(directory, reader.principal, unit, at)

            said = self._plans(connection, of, year, at)
            if of == "unit":
                return [
                    Plannable(id=one.id, code=one.code, name=one.name, plan=said.get(one.id, NONE), expected=True)
                    for one in directory.units.values()
                    if may(one.id)
                ]
            return [
                Plannable(
                    id=one.id, code=one.login, name=one.name, plan=said.get(one.id, NONE),
                    expected=one.id in said or MANAGER in directory.role_names(one.id, at),
                )
                for one in directory.persons.values()
                if one.active and one.id not in (reader.person, reader.principal) and may(directory.home(one.id, at))
            ]  # fmt: skip

    def managers_year(
        self, reader: Actor, person: int, year: int, *, zone: ZoneInfo, at: datetime | None = None
    ) -> ManagersYear:
        """Raises `PersonNotFound` for a person whose figures are not the reader's to see."""
        with self._read(reader) as (connection, shown):
            persons = self._people(shown.reader, None)
            if person not in persons:
                raise PersonNotFound(person=person)
            [found] = self._years(connection, shown, reader, {person: persons[person]}, year, zone, at)
            return found

    def centres_year(
        self, reader: Actor, unit: int, year: int, *, zone: ZoneInfo, at: datetime | None = None
    ) -> CentresYear:
        """Of a unit and those below; as of a moment but for files and reports, which are counted as they are.

        Raises `UnitNotFound` for one whose figures are not the reader's to see.
        """
        with self._read(reader) as (connection, shown):
            units, directory, now = self._units(shown.reader), shown.reader.directory, shown.reader.at
            place = shown.unit(unit)
            if place is None or (units is not None and unit not in units):
                raise UnitNotFound(unit=unit)
            known = at or now
            plan = self._plans(connection, "unit", year, known).get(unit, NONE)
            since, until = _months(year)
            below = directory.below(unit)
            parts, _ = self._parts(connection, shown.reader, since, until, zone, unit, known)
            kept = self._kept_in(connection, directory.persons, below, first_of(f"{year + 1}-01", zone), known)
            span = measures.Span((first_of(since, zone), first_of(f"{year + 1}-01", zone)))
            runs = measures.judged(connection, measures.runs(shown.reader, Filters(unit=unit), span), span)
            facts: dict[str, tuple[int | None, int | None]] = {
                "customers": (kept, plan.values.get("customers")),
                "revenue": (sum(part.cents for part in parts), plan.values.get("planned")),
                "satisfaction": (plan.values.get("satisfaction"), WHOLE),
                "files": _in_time(runs, self.library.standards.files),
                "reports": _in_time(runs, self.library.standards.reports),
            }
            made = scored(self.library.standards.centre, facts, limit=self.library.standards.receivables)
            return CentresYear(
                unit=place,
                year=year,
                parts=made,
                score=score(made),
                plan=plan,
                planner=shown.person(plan.by),
                may_plan=plans(directory, reader.principal, unit, now),
            )

    def _kept_in(
        self, connection: Connection, persons: Iterable[int], units: frozenset[int], until: datetime, at: datetime
    ) -> int:
        """Customers that are kept when a period ends, or now, by units."""
        end = min(until, at)
        found = (
            course.customer
            for course in self._courses(connection, persons, until, at)
            if any(ended == end for _, ended in course.kept)
            and any(
                held.unit in units and (held.ended is None or held.ended > end) for held in course.holds.get("lead", ())
            )
        )
        return len(survivors(found, merges(connection, at=at)))

    def _years(
        self, connection: Connection, shown: Shown, reader: Actor, persons: Mapping[int, int | None], year: int,
        zone: ZoneInfo, at: datetime | None,
    ) -> list[ManagersYear]:  # fmt: skip
        directory, now = shown.reader.directory, shown.reader.at
        known = at or now
        since, until = _months(year)
        tallies = self._tallies(connection, persons, since, until, zone, known)
        said = self._plans(connection, "person", year, known)
        sold = results.sold(connection, persons, since, until, into=merges(connection, at=known), at=known)
        made = []
        for person, tally in tallies.items():
            name = shown.person(person)
            if name is None:
                continue
            plan = said.get(person, NONE)
            place = persons[person]
            planner = plans(directory, reader.principal, place, now) and person not in (reader.person, reader.principal)
            sees = shown.reader.everything or reader.person == person or plans(directory, reader.person, place, now)
            actual = sum(part.cents for part in tally.parts)
            parts = scored(
                self.library.standards.manager,
                _facts(tally, plan, actual, sold),
                limit=self.library.standards.receivables,
            )
            points = score(parts)
            made.append(
                ManagersYear(
                    person=name,
                    unit=shown.unit(place),
                    year=year,
                    parts=parts,
                    score=points,
                    actual=actual,
                    plan=plan if sees else replace(NONE, seq=plan.seq),
                    planner=shown.person(plan.by) if sees else None,
                    pay=_pay(plan, actual, points) if sees else None,
                    may_see=sees,
                    may_plan=planner,
                )
            )
        return made


def _facts(
    tally: Tally, plan: Plan, actual: int, sold: Mapping[int, list[str]]
) -> dict[str, tuple[int | None, int | None]]:
    said = plan.values.get
    customers = {part.customer for part in tally.parts}
    return {
        "revenue": (actual, said("planned")),
        "cost": (said("spent"), said("allowed")),
        "churn": (len(tally.lost), len(tally.kept)),
        "forecast": (actual, said("forecast")),
        "products": (sum(len(sold.get(customer, ())) for customer in customers), said("products")),
        "receivables": (said("receivables"), actual),
        "satisfaction": (said("satisfaction"), WHOLE),
    }


def _pay(plan: Plan, actual: int, points: int | None) -> Pay | None:
    said = plan.values.get
    planned, base = said("planned"), said("base")
    if planned is None or base is None or points is None:
        return None
    return paid(
        Inputs(
            actual=actual,
            planned=planned,
            base=base,
            score=points,
            months=said("months", MONTHS),
            all_staff=said("all_staff"),
            margin=said("margin"),
            rate=said("rate"),
        )
    )


def _in_time(runs: Iterable[Judged], of: Collection[Clock]) -> tuple[int, int]:
    """Kept in time, of those that people could keep."""
    counts = Counter[str]()
    for one in runs:
        if (one.definition, one.clock) in of:
            counts[one.verdict] += one.count
    return counts["kept"], counts["kept"] + counts["late"]


def _months(year: int) -> tuple[str, str]:
    return f"{year}-01", f"{year}-12"
