"""Units, persons and who holds which role, as one value.

Loaded from the database when its version changes, then asked without it: rules stay pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from workflow.core.case import is_id
from workflow.core.definition.expressions import Text
from workflow.core.groups import Absence, Group, Member

BUSINESS_ROLES = (
    "director", "account_manager", "account_administrator", "project_manager", "department",
    "supervisor", "auditor", "administrator", "reporter",
)  # fmt: skip

OVERSEERS = frozenset({"director", "supervisor", "account_administrator"})
"""Roles that see their unit and everything below, and may reassign there."""

WORKING = "working"
"""The name under which a lifecycle speaks of the working calendar, whichever a unit has."""

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

READERS_BELOW = OVERSEERS | {"auditor"}
WORKERS = frozenset({"account_manager", "project_manager", "department", "reporter"})


@dataclass(frozen=True, slots=True)
class Unit:
    """`kind`: province, city, county, branch, or bureau (a specialist bureau beside the tree).

    `calendar`: its own working calendar; None: that of the unit above.
    """

    id: int
    code: str
    name: Text
    kind: str
    parent: int | None
    division: str | None = None
    active: bool = True
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    login: str
    name: Text
    active: bool = True
    language: str | None = None
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """`until` None: for good."""

    person: int
    unit: int
    role: str
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Substitution:
    id: int
    absent: int
    substitute: int
    since: datetime
    until: datetime
    reason: str = ""

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may read: every case of the units in `below` and `own`; `organisation`: its records."""

    below: frozenset[int]
    own: frozenset[int]
    organisation: bool

    @property
    def units(self) -> frozenset[int]:
        return self.below | self.own


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Steady(Generic[T]):
    """An answer, and from when until before when it stays the same."""

    since: datetime
    until: datetime
    found: T


def steady(held: Iterable[Membership], at: datetime, found: T) -> Steady[T]:
    """What was found at a moment, with the moments before and after it at which one of these begins or ends."""
    moments = [moment for one in held for moment in (one.since, one.until) if moment is not None]
    since = max((moment for moment in moments if moment <= at), default=EARLIEST)
    return Steady(since, min((moment for moment in moments if moment > at), default=LATEST), found)


class Directory:
    """The organisation at one version. Immutable; look-ups are by dictionary, and what was found is kept."""

    def __init__(
        self,
        version: int,
        units: Iterable[Unit] = (),
        persons: Iterable[Person] = (),
        memberships: Iterable[Membership] = (),
        substitutions: Iterable[Substitution] = (),
        groups: Iterable[Group] = (),
        group_members: Iterable[Member] = (),
        absences: Iterable[Absence] = (),
    ) -> None:
        self.version = version
        self.units: Mapping[int, Unit] = {u.id: u for u in units}
        self.persons: Mapping[int, Person] = {p.id: p for p in persons}
        self.substitutions = tuple(substitutions)
        self.groups: Mapping[int, Group] = {g.id: g for g in groups}
        self.group_members = tuple(group_members)
        self.absences = tuple(absences)
        self._by_substitute: dict[int, list[Substitution]] = {}
        for s in self.substitutions:
            self._by_substitute.setdefault(s.substitute, []).append(s)
        self._by_person: dict[int, list[Membership]] = {}
        self._by_role: dict[tuple[int, str], list[Membership]] = {}
        self._children: dict[int, list[int]] = {}
        for m in memberships:
            self._by_person.setdefault(m.person, []).append(m)
            self._by_role.setdefault((m.unit, m.role), []).append(m)
        self._roles_of: dict[int, Steady[Mapping[int, frozenset[str]]]] = {}
        self._holders: dict[tuple[int, str], Steady[tuple[int, ...]]] = {}
        self._above: dict[int, tuple[int, ...]] = {}
        self._active = frozenset(p.id for p in self.persons.values() if p.active)
        self._with_calendar = any(u.calendar is not None for u in self.units.values())
        for u in self.units.values():
            if u.parent is not None:
                self._children.setdefault(u.parent, []).append(u.id)

    def joined(self, version: int, person: Person) -> Directory:
        """With one person more, as that version: for those who add very many."""
        other = copy(self)
        other._roles_of, other._holders = {}, {}
        other.version, other.persons = version, {**self.persons, person.id: person}
        other._active = self._active | ({person.id} if person.active else set())
        return other

    def granted(self, version: int, held: Membership) -> Directory:
        """With one membership more, as that version."""
        other = copy(self)
        other._roles_of, other._holders = {}, {}
        other.version = version
        place = held.unit, held.role
        other._by_person = {**self._by_person, held.person: [*self._by_person.get(held.person, ()), held]}
        other._by_role = {**self._by_role, place: [*self._by_role.get(place, ()), held]}
        return other

    def stood_in(self, version: int, absence: Substitution) -> Directory:
        """With one substitution more, as that version."""
        other = copy(self)
        other.version, other.substitutions = version, (*self.substitutions, absence)
        who = absence.substitute
        other._by_substitute = {**self._by_substitute, who: [*self._by_substitute.get(who, ()), absence]}
        return other

    def unit(self, unit: int | None) -> Unit | None:
        return self.units.get(unit) if unit is not None and is_id(unit) else None

    def person(self, person: int | None) -> Person | None:
        return self.persons.get(person) if person is not None and is_id(person) else None

    def parent(self, unit: int | None) -> int | None:
        found = self.unit(unit)
        return found.parent if found else None

    def nearest(self, unit: int | None, kind: str) -> int | None:
        """The unit itself or the nearest one above it that is of this kind."""
        found = self.unit(unit)
        while found is not None and found.kind != kind:
            found = self.unit(found.parent)
        return found.id if found else None

    def calendar_of(self, unit: int | None) -> str:
        """The working calendar of a unit: its own, else that of the nearest unit above that has one."""
        if self._with_calendar:
            for place in (unit, *self.above(unit)):
                found = self.unit(place)
                if found is not None and found.calendar is not None:
                    return found.calendar
        return WORKING

    def above(self, unit: int | None) -> tuple[int, ...]:
        """The unit and every unit over it, nearest first."""
        found = self.unit(unit)
        if found is None:
            return ()
        known = self._above.get(found.id)
        if known is None:
            chain: list[int] = []
            over: Unit | None = found
            while over is not None and over.id not in chain:
                chain.append(over.id)
                over = self.unit(over.parent)
            known = self._above[found.id] = tuple(chain)
        return known

    def over(self, units: tuple[int, ...]) -> int | None:
        """The lowest unit above them all, which is none of them; the top where there is nothing above."""
        shared = [self.above(unit) for unit in units]
        for place in shared[0] if shared else ():
            if place not in units and all(place in chain for chain in shared):
                return place
        return shared[0][-1] if shared and shared[0] else None

    def below(self, unit: int) -> frozenset[int]:
        """The unit and every unit under it."""
        seen: set[int] = set()
        waiting = [unit]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting.extend(self._children.get(current, ()))
        return frozenset(seen)

    def holders(self, role: str, unit: int | None, at: datetime) -> tuple[int, ...]:
        """Active persons with the role in exactly this unit, in id order."""
        if unit is None:
            return ()
        known = self._holders.get((unit, role))
        if known is None or not known.since <= at < known.until:
            held = self._by_role.get((unit, role), ())
            there = {m.person for m in held if m.holds(at) and m.person in self._active}
            known = self._holders[unit, role] = steady(held, at, tuple(sorted(there)))
        return known.found

    def memberships(self, person: int) -> tuple[Membership, ...]:
        return tuple(self._by_person.get(person, ()))

    def roles_of(self, person: int | None, at: datetime) -> Mapping[int, frozenset[str]]:
        """Unit → roles the person holds there now; nothing for an inactive person."""
        found = self.person(person)
        if found is None or not found.active:
            return {}
        known = self._roles_of.get(found.id)
        if known is None or not known.since <= at < known.until:
            held = self._by_person.get(found.id, ())
            roles: dict[int, set[str]] = {}
            for m in held:
                if m.holds(at):
                    roles.setdefault(m.unit, set()).add(m.role)
            there: Mapping[int, frozenset[str]] = {unit: frozenset(names) for unit, names in roles.items()}
            known = self._roles_of[found.id] = steady(held, at, there)
        return known.found

    def role_names(self, person: int | None, at: datetime) -> frozenset[str]:
        return frozenset().union(*self.roles_of(person, at).values())

    def holds(self, person: int | None, role: str, unit: int | None, at: datetime) -> bool:
        return person is not None and person in self.holders(role, unit, at)

    def home(self, person: int | None, at: datetime, role: str | None = None) -> int | None:
        """The unit a person works in: the first one where the role (any, if None) is held."""
        for unit, names in self.roles_of(person, at).items():
            if role is None or role in names:
                return unit
        return None

    def colleagues(self, person: int, at: datetime) -> frozenset[int]:
        """Who holds a role of this person's in the same unit, without the person."""
        held = ((unit, role) for unit, names in self.roles_of(person, at).items() for role in names)
        return frozenset(one for unit, role in held for one in self.holders(role, unit, at)) - {person}

    def stands_in(self, substitute: int, absent: int, at: datetime) -> bool:
        """Whether the one was named by the other, or is among those who stand in where nobody was."""
        standing = self._by_substitute.get(substitute, ())
        named = is_id(absent) and any(s.absent == absent and s.holds(at) for s in standing)
        return named or (is_id(absent) and substitute in self.covering(absent, at))

    def substituting(self, person: int, at: datetime) -> tuple[int, ...]:
        """The persons this one stands in for now."""
        named = {s.absent for s in self._by_substitute.get(person, ()) if s.holds(at)}
        unnamed = {one.absent for one in self.absences if one.holds(at) and one.absent != person}
        return tuple(sorted(named | {absent for absent in unnamed if person in self.covering(absent, at)}))

    def members(self, group: int, at: datetime) -> tuple[int, ...]:
        """Who is in a linked group, in the order they joined."""
        return tuple(one.person for one in self.group_members if one.group == group and one.holds(at))

    def group_of(self, person: int, at: datetime) -> Group | None:
        """The active linked group a person is in; nobody is in two."""
        found = (self.groups[one.group] for one in self.group_members if one.person == person and one.holds(at))
        return next((group for group in found if group.active), None)

    def away(self, person: int, at: datetime) -> bool:
        found: tuple[Substitution | Absence, ...] = (*self.substitutions, *self.absences)
        return any(one.absent == person and one.holds(at) for one in found)

    def covering(self, absent: int, at: datetime) -> frozenset[int]:
        """Who stands in for somebody who named nobody: those of the linked group who are there, else the colleagues of
        the unit who are (004 §2.2 I). Nobody while somebody named stands in.
        """
        named = any(s.absent == absent and s.holds(at) for s in self.substitutions)
        if named or not any(one.absent == absent and one.holds(at) for one in self.absences):
            return frozenset()
        group = self.group_of(absent, at)
        mates = () if group is None else self.members(group.id, at)
        return self._there(mates, at) - {absent} or self._there(self.colleagues(absent, at), at)

    def _there(self, persons: Iterable[int], at: datetime) -> frozenset[int]:
        return frozenset(one for one in persons if self.persons[one].active and not self.away(one, at))

    def oversees(self, person: int | None, unit: int | None, at: datetime) -> bool:
        """Whether the person may reassign work of this unit: an overseer there or in a unit above."""
        roles = self.roles_of(person, at)
        return any(roles.get(u, frozenset()) & OVERSEERS for u in self.above(unit))

    def scope(self, person: int | None, at: datetime, *, writing: bool = False) -> Scope:
        """What a person may read; `writing`: what of it the roles let change, to which auditing adds nothing."""
        readers = OVERSEERS if writing else READERS_BELOW
        below: set[int] = set()
        own: set[int] = set()
        organisation = False
        for unit, names in self.roles_of(person, at).items():
            if names & readers:
                below |= self.below(unit)
            if names & WORKERS:
                own.add(unit)
            organisation = organisation or "administrator" in names
        return Scope(frozenset(below), frozenset(own), organisation)
