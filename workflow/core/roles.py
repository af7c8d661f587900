"""Who a role expression leads to, now.

Nothing may wait unseen: where nobody holds the role, the unit above is asked, up to the top, and then
the supervisors and directors on the same way (004 §2.2 I: absence is covered by the group, then by the unit).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import RoleExpr
from workflow.core.directory import Directory
from workflow.core.world import World

BELOW = ".below"
AND = " & "


@dataclass(frozen=True, slots=True)
class Resolved:
    """`persons` may act; the queue is (`unit`, `role`). One person alone gets the task at once."""

    unit: int | None
    role: str
    persons: tuple[int, ...]

    @property
    def assignee(self) -> int | None:
        return self.persons[0] if len(self.persons) == 1 else None


def resolve(
    expr: RoleExpr, definition: Definition, case: Case, world: World, *, at: datetime, of: str | None = None
) -> Resolved:
    """The people behind a role expression of this case. `of` overrides the expression's own."""
    way = of or expr.of
    directory = world.directory
    if way.endswith(BELOW):
        top = unit_of(way.removesuffix(BELOW), definition, case, world, at=at)
        units = () if top is None else sorted(directory.below(top))
        holding = dict.fromkeys(person for unit in units for person in directory.holders(expr.role, unit, at))
        return Resolved(top, expr.role, tuple(holding))
    person, unit = leads_to(way, definition, case, world)
    if person is not None:
        found = directory.person(person)
        if found is not None and found.active:
            home = directory.home(person, at, expr.role) or directory.home(person, at)
            return Resolved(home if home is not None else case.unit, expr.role, (person,))
    return _climb(directory, expr.role, unit if unit is not None else case.unit, at)


def resolve_all(
    names: tuple[str, ...], definition: Definition, case: Case, world: World, *, at: datetime
) -> tuple[int, ...]:
    """Every person the named role expressions lead to, each once."""
    persons: dict[int, None] = {}
    for name in names:
        persons.update(dict.fromkeys(resolve(definition.roles[name], definition, case, world, at=at).persons))
    return tuple(persons)


def unit_of(of: str, definition: Definition, case: Case, world: World, *, at: datetime) -> int | None:
    """The unit an `of` expression leads to; a person's home where it leads to a person.

    Several, written `unit & data.other`: the lowest unit above them all.
    """
    if AND in of:
        units = [unit_of(one, definition, case, world, at=at) for one in of.split(AND)]
        return world.directory.over(tuple(unit for unit in units if unit is not None))
    person, unit = leads_to(of, definition, case, world)
    return unit if person is None else world.directory.home(person, at)


def person_of(of: str, definition: Definition, case: Case, world: World) -> int | None:
    """The person an `of` expression leads to; None where it leads to a unit or nowhere."""
    return leads_to(of, definition, case, world)[0]


def leads_to(of: str, definition: Definition, case: Case, world: World) -> tuple[int | None, int | None]:
    """(person, unit) an expression names; both None when it leads nowhere."""
    head, _, rest = of.partition(".")
    customer = world.customer
    if head == "unit":
        return None, _walk(world.directory, case.unit, rest)
    if head == "customer":
        part, _, further = rest.partition(".")
        if part == "unit":
            return None, _walk(world.directory, customer.unit if customer else None, further)
        return (getattr(customer, part) if customer else None), None
    if head == "case":
        return case.opener, None
    if head == "did":
        return (case.did[rest][1] if rest in case.did else None), None
    name, _, further = rest.partition(".")
    value = case.data.get(name)
    if not isinstance(value, int):
        return None, None
    if definition.fields[name].type == "unit":
        return None, _walk(world.directory, value, further)
    return value, None


def _walk(directory: Directory, unit: int | None, path: str) -> int | None:
    """Follow `.parent` and `.province|city|county` from a unit. Above the top stays the top."""
    for part in filter(None, path.split(".")):
        up = directory.parent(unit) if part == "parent" else directory.nearest(unit, part)
        if up is None:
            break
        unit = up
    return unit


def _climb(directory: Directory, role: str, unit: int | None, at: datetime) -> Resolved:
    chain = directory.above(unit)
    for wanted in (role, "supervisor", "director"):
        for place in chain:
            persons = directory.holders(wanted, place, at)
            if persons:
                return Resolved(place, wanted, persons)
    return Resolved(unit, role, ())
